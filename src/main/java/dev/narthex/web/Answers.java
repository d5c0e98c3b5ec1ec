package dev.narthex.web;

import dev.narthex.content.Sending;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * Bodies of pages and twins with their headers. Compressed here and not by the server, so that NARs and files of registries
 * keep going out straight from the disk.
 */
final class Answers {
    static final String HTML = "text/html; charset=utf-8";
    static final String JSON = "application/json";

    /** Nothing but our own files; the pages work without any script. */
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

    private Answers() {}

    /**
     * 200 with a body that caches ask about every time.
     *
     * @param open whether everyone may see it; else no shared cache and no search engine keeps it
     */
    static RestResponse<Object> fresh(Asked asked, String body, String type, String etag, boolean open) {
        return indexed(
                body(asked, body, type, 200)
                        .header("Cache-Control", open ? "no-cache" : "private, no-cache")
                        .header("ETag", etag),
                open);
    }

    /** The same of what says more when it is asked again. */
    static RestResponse<Object> passing(Asked asked, String body, String type, boolean open) {
        return indexed(body(asked, body, type, 200).header("Cache-Control", "no-store"), open);
    }

    private static RestResponse<Object> indexed(ResponseBuilder<Object> answer, boolean open) {
        if (!open) {
            answer.header("X-Robots-Tag", "noindex");
        }
        return answer.build();
    }

    /** For pages without an ETag: those that tell the time, and those that say what went wrong. */
    static ResponseBuilder<Object> body(Asked asked, String body, String type, int status) {
        var answer = ResponseBuilder.<Object>create(status)
                .header("Content-Type", type)
                .header("Vary", "Accept, Accept-Encoding, Cookie, Authorization");
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        if (bytes.length >= WORTH_COMPRESSING && gzip(asked)) {
            return entity(answer.header("Content-Encoding", "gzip"), Assets.gzip(bytes));
        }
        return entity(answer, bytes);
    }

    /** The length is said here: else an answer to HEAD has none. */
    private static ResponseBuilder<Object> entity(ResponseBuilder<Object> answer, byte[] bytes) {
        return answer.header("Content-Length", bytes.length).entity(bytes);
    }

    static RestResponse<Object> notModified(String etag) {
        return Sending.notModified(
                etag, Map.of("Cache-Control", "no-cache", "Vary", "Accept, Accept-Encoding, Cookie, Authorization"));
    }

    static RestResponse<Object> moved(int status, String location) {
        return ResponseBuilder.<Object>create(status)
                .header("Location", location)
                .header("Cache-Control", "no-cache")
                .build();
    }

    /** To where something was done, or will be; nobody keeps that. */
    static RestResponse<Object> seeOther(String location) {
        return ResponseBuilder.<Object>create(303)
                .header("Location", location)
                .header("Cache-Control", "no-store")
                .build();
    }

    /** A page that is for its reader only, and for this moment. */
    static RestResponse<Object> unkept(Asked asked, String body) {
        return unkept(asked, body, 200);
    }

    /** The same, which may say what is wrong with a form. */
    static RestResponse<Object> unkept(Asked asked, String body, int status) {
        return body(asked, body, HTML, status)
                .header("Cache-Control", "no-store")
                .build();
    }

    static boolean gzip(Asked asked) {
        for (var coding : asked.header("Accept-Encoding").split(",", -1)) {
            var plain = coding.replace(" ", "").toLowerCase(Locale.ROOT);
            if (plain.equals("gzip") || (plain.startsWith("gzip;") && !plain.matches("gzip;q=0(\\.0*)?"))) {
                return true;
            }
        }
        return false;
    }
}
