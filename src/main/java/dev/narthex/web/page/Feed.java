package dev.narthex.web.page;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The newest releases of a page, newest first.
 *
 * @param page path of the page; the feed has the same path below {@link #PREFIX}
 * @param author author of entries without an author
 */
public record Feed(String page, String title, String author, List<Entry> entries) {
    /** Prefix of feed URLs; the path of the page follows. */
    public static final String PREFIX = "/feed";

    public Feed {
        entries = List.copyOf(entries);
    }

    public String address() {
        return PREFIX + page;
    }

    /**
     * A release.
     *
     * @param name stable name: cache, ecosystem, package and version, each segment encoded as in URLs
     * @param url URL of its page
     * @param by who published it, if its page shows that
     * @param summary empty if not recorded
     */
    public record Entry(
            String name, String url, String title, Instant at, Optional<String> by, String ecosystem, String summary) {}
}
