package dev.narthex.http;

import java.util.Locale;
import java.util.Optional;

/** Parsed Accept header (RFC 9110 §12.5.1), queried for one media type at a time. */
public final class Accept {
    private final String header;

    /** @param header empty if the request has none; then every type is acceptable */
    public Accept(Optional<String> header) {
        this.header = header.filter(h -> !h.isBlank()).orElse("*/*");
    }

    /**
     * Returns the quality of a media type, from 0 (not acceptable) to 1; the most specific range decides.
     *
     * @param type media type without parameters, in lower case
     */
    public double quality(String type) {
        double quality = 0;
        int foundRank = 0;
        for (var range : header.split(",", -1)) {
            var parts = range.split(";", -1);
            int rank = rank(parts[0].strip(), type);
            if (rank > foundRank) {
                foundRank = rank;
                quality = weight(parts);
            }
        }
        return quality;
    }

    /** Whether the header names this type itself, not only by a wildcard, with a quality above 0. */
    public boolean names(String type) {
        for (var range : header.split(",", -1)) {
            var parts = range.split(";", -1);
            if (parts[0].strip().equalsIgnoreCase(type) && weight(parts) > 0) {
                return true;
            }
        }
        return false;
    }

    private static int rank(String range, String type) {
        if (range.equalsIgnoreCase(type)) {
            return 3;
        }
        if (range.equals("*/*") || range.equals("*")) {
            return 1;
        }
        return range.endsWith("/*")
                        && type.startsWith(
                                range.substring(0, range.length() - 1).toLowerCase(Locale.ROOT))
                ? 2
                : 0;
    }

    /** Malformed quality values count as 0: a client that sends them is safer with another form. */
    private static double weight(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            var parameter = parts[i].strip();
            if (parameter.startsWith("q=") || parameter.startsWith("Q=")) {
                var digits = parameter.substring(2).strip();
                return digits.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(digits) : 0;
            }
        }
        return 1;
    }
}
