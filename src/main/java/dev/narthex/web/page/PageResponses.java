package dev.narthex.web.page;

import dev.narthex.http.ContentResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * Builds HTTP responses for pages and their JSON twins. It compresses bodies itself instead of enabling the server's compression,
 * so that NARs and registry files can still be sent directly from disk.
 */
public final class PageResponses {
    public static final String HTML = "text/html; charset=utf-8";
    public static final String JSON = "application/json";

    /** Security headers of all pages. Only files from this server may be loaded; pages also work without scripts. */
    static final Map<String, String> SAFE = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
                    + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "same-origin",
            "Cross-Origin-Opener-Policy",
            "same-origin");

    private static final int WORTH_COMPRESSING = 1024;

    private PageResponses() {}

    /**
     * Returns a 200 response that caches must revalidate on every use.
     *
     * @param open whether everyone may see it; if not, shared caches must not store it and search engines must not index it
     */
    public static RestResponse<Object> cacheable(
            PageRequest request, String body, String type, String etag, boolean open) {
        return withRobotsHeader(
                body(request, body, type, 200)
                        .header("Cache-Control", open ? "no-cache" : "private, no-cache")
                        .header("ETag", etag),
                open);
    }

    /** Returns a 200 response that must not be stored because a later response will contain more. */
    public static RestResponse<Object> uncachedPage(PageRequest request, String body, String type, boolean open) {
        return withRobotsHeader(body(request, body, type, 200).header("Cache-Control", "no-store"), open);
    }

    private static RestResponse<Object> withRobotsHeader(ResponseBuilder<Object> answer, boolean open) {
        if (!open) {
            answer.header("X-Robots-Tag", "noindex");
        }
        return answer.build();
    }

    /** Starts a response without an ETag, as for pages that show the current time and for error pages. */
    public static ResponseBuilder<Object> body(PageRequest request, String body, String type, int status) {
        var answer = ResponseBuilder.<Object>create(status)
                .header("Content-Type", type)
                .header("Vary", "Accept, Accept-Encoding, Cookie, Authorization");
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= WORTH_COMPRESSING && gzip(request)) {
            return entity(answer.header("Content-Encoding", "gzip"), Assets.gzip(bytes));
        }
        return entity(answer, bytes);
    }

    /** Sets Content-Length explicitly; responses to HEAD would lack it otherwise. */
    private static ResponseBuilder<Object> entity(ResponseBuilder<Object> answer, byte[] bytes) {
        return answer.header("Content-Length", bytes.length).entity(bytes);
    }

    public static RestResponse<Object> notModified(String etag) {
        return ContentResponse.notModified(
                etag, Map.of("Cache-Control", "no-cache", "Vary", "Accept, Accept-Encoding, Cookie, Authorization"));
    }

    public static RestResponse<Object> redirect(int status, String location) {
        return ResponseBuilder.<Object>create(status)
                .header("Location", location)
                .header("Cache-Control", "no-cache")
                .build();
    }

    /** Returns a 303 redirect that must not be stored, for example after a form was processed. */
    public static RestResponse<Object> seeOther(String location) {
        return ResponseBuilder.<Object>create(303)
                .header("Location", location)
                .header("Cache-Control", "no-store")
                .build();
    }

    /** Returns a page that must not be stored because it is specific to the user and the moment. */
    public static RestResponse<Object> uncached(PageRequest request, String body) {
        return uncached(request, body, 200);
    }

    /** Returns a page that must not be stored, with the given status, for example after an invalid form. */
    public static RestResponse<Object> uncached(PageRequest request, String body, int status) {
        return body(request, body, HTML, status)
                .header("Cache-Control", "no-store")
                .build();
    }

    public static boolean gzip(PageRequest request) {
        for (var coding : request.header("Accept-Encoding").split(",", -1)) {
            var plain = coding.replace(" ", "").toLowerCase(Locale.ROOT);
            if (plain.equals("gzip") || (plain.startsWith("gzip;") && !plain.matches("gzip;q=0(\\.0*)?"))) {
                return true;
            }
        }
        return false;
    }
}
