package dev.narthex.web.feed;

import dev.narthex.web.page.Feed;
import dev.narthex.web.page.Format;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;

/**
 * Writes Atom feeds (RFC 4287). The id of an entry is a tag URI (RFC 4151) with the host, the day of the release and its name, so
 * feed readers recognize an entry that appears in several feeds.
 */
public final class Atom {
    public static final String TYPE = "application/atom+xml; charset=utf-8";
    private static final String NAMESPACE = "http://www.w3.org/2005/Atom";
    private static final int SUMMARY = 500;

    private final String baseUrl;

    /** @param baseUrl public URL of this server, without a trailing slash */
    public Atom(String baseUrl) {
        this.baseUrl = baseUrl;
    }

    public String of(Feed feed) {
        try {
            var text = new StringWriter();
            var xml = new XmlWriter(text, "feed", NAMESPACE);
            xml.leaf("id", baseUrl + feed.address())
                    .leaf("title", feed.title())
                    .leaf("updated", updated(feed))
                    .empty("link", "rel", "self", "type", "application/atom+xml", "href", baseUrl + feed.address())
                    .empty("link", "rel", "alternate", "type", "text/html", "href", baseUrl + feed.page())
                    .start("author")
                    .leaf("name", feed.author())
                    .end();
            for (var entry : feed.entries()) {
                entry(xml, entry);
            }
            xml.finish();
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the time of the newest entry; the epoch if the feed is empty, because Atom requires a value. */
    private static Instant updated(Feed feed) {
        return feed.entries().stream()
                .map(Feed.Entry::at)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }

    private void entry(XmlWriter xml, Feed.Entry entry) throws IOException {
        xml.start("entry")
                .leaf("id", tag(entry))
                .leaf("title", entry.title())
                .leaf("updated", entry.at())
                .leaf("published", entry.at())
                .empty("link", "rel", "alternate", "type", "text/html", "href", baseUrl + entry.url())
                .empty("category", "term", entry.ecosystem());
        if (entry.by().isPresent()) {
            xml.start("author").leaf("name", entry.by().get()).end();
        }
        if (!entry.summary().isBlank()) {
            xml.leaf("summary", Format.truncate(entry.summary(), SUMMARY));
        }
        xml.end();
    }

    /** Returns the tag URI of an entry. Tag URIs do not allow IPv6 addresses, so their colons are replaced by dashes. */
    private String tag(Feed.Entry entry) {
        var host = Objects.requireNonNullElse(URI.create(baseUrl).getHost(), "localhost")
                .replaceAll("[\\[\\]]", "")
                .replace(':', '-');
        return "tag:" + host + "," + LocalDate.ofInstant(entry.at(), ZoneOffset.UTC) + ":" + entry.name();
    }
}
