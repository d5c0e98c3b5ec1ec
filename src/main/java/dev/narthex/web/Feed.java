package dev.narthex.web;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * New releases of a page, newest first.
 *
 * @param page address of the page, below which its feed stands under the same name
 * @param author of what names no author of its own
 */
record Feed(String page, String title, String author, List<Entry> entries) {
    /** Before the addresses of the pages whose feeds they are. */
    static final String PREFIX = "/feed";

    Feed {
        entries = List.copyOf(entries);
    }

    String address() {
        return PREFIX + page;
    }

    /**
     * A release.
     *
     * @param name of it, which never changes: cache, ecosystem, package and version, each segment encoded as in addresses
     * @param url of its page
     * @param by who published it, if its page says so
     * @param summary empty if not recorded
     */
    record Entry(
            String name, String url, String title, Instant at, Optional<String> by, String ecosystem, String summary) {}
}
