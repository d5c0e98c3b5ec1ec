package dev.narthex.ecosystem.pypi;

import dev.narthex.http.Accept;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** The formats of the simple index (PEP 691), best first. */
enum SimpleFormat {
    JSON("application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"),
    HTML_V1("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"),
    HTML("text/html", "text/html");

    private final String type;
    private final String alias;

    SimpleFormat(String type, String alias) {
        this.type = type;
        this.alias = alias;
    }

    /** Content-Type of the response, always with a concrete version. */
    String contentType() {
        return this == HTML ? type + "; charset=utf-8" : type;
    }

    /**
     * Chooses the format of a response. Clients that name no format, or only a wildcard, get HTML, the format that predates
     * negotiation.
     *
     * @param wish format in the query, which takes precedence over the header; empty if there is none
     * @return empty if no format is acceptable
     */
    static Optional<SimpleFormat> choose(Optional<String> header, String wish) {
        if (!wish.isEmpty()) {
            // A plus in a query is decoded as a space, and few clients write it as %2B.
            var type = wish.replace(' ', '+');
            return Stream.of(values())
                    .filter(f -> f.type.equals(type) || f.alias.equals(type))
                    .findFirst();
        }
        var accept = new Accept(header);
        var named = Stream.of(values())
                .filter(f -> f.namedQuality(accept) > 0)
                .max(Comparator.comparingDouble((SimpleFormat f) -> f.namedQuality(accept))
                        .thenComparing(Comparator.<SimpleFormat>naturalOrder().reversed()));
        double html = accept.quality(HTML.type);
        if (named.isPresent() && named.get().namedQuality(accept) >= html) {
            return named;
        }
        if (html > 0) {
            return Optional.of(HTML);
        }
        return Stream.of(values()).filter(f -> accept.quality(f.type) > 0).findFirst();
    }

    private double namedQuality(Accept accept) {
        double own = accept.names(type) ? accept.quality(type) : 0;
        return Math.max(own, accept.names(alias) ? accept.quality(alias) : 0);
    }
}
