package dev.narthex.web.view;

import java.util.List;

/**
 * The error page of a problem. Its JSON twin is the problem document itself.
 *
 * @param name the requested name, if the request was for a named thing; else empty
 * @param near packages with similar names
 * @param instead URL of a replacement, or empty
 * @param recognizing pushed paths that are not recognized yet and may be the requested package
 * @param copies other caches that have the requested store path
 */
public record ErrorView(
        int status,
        String title,
        String detail,
        String name,
        List<Hit> near,
        String instead,
        List<RecognitionPending> recognizing,
        List<OtherCopy> copies) {
    /** @param url URL of the path's page */
    public record RecognitionPending(String url, String path) {}

    /**
     * A store path in another cache.
     *
     * @param url URL of its page there
     * @param path full store path
     * @param command copies the path into the requested cache; empty if the user cannot see a cache of that name
     */
    public record OtherCopy(String cache, String url, String path, String command) {}

    public String nameQuery() {
        return Urls.query(name);
    }
}
