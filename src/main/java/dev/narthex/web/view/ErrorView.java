package dev.narthex.web.view;

import java.util.List;

/**
 * A problem as a page. Its twin is the problem itself.
 *
 * @param name what was looked for, if it was a name; else empty
 * @param instead address of what there is in its place; empty if there is nothing
 * @param recognizing paths that were pushed and may be what was looked for: they are still to be recognized
 * @param copies other caches that have the store path that was looked for
 */
public record ErrorView(
        int status,
        String title,
        String detail,
        String name,
        List<Hit> near,
        String instead,
        List<Recognizing> recognizing,
        List<Copy> copies) {
    /** @param url of the path's page */
    public record Recognizing(String url, String path) {}

    /**
     * A store path in another cache.
     *
     * @param url of its page there
     * @param path in full
     * @param command that brings it into the cache that was asked; empty if the reader knows of no such cache
     */
    public record Copy(String cache, String url, String path, String command) {}

    public String nameQuery() {
        return Urls.query(name);
    }
}
