package dev.narthex.web.files;

import dev.narthex.http.ContentResponse;
import dev.narthex.web.page.FileKind;
import dev.narthex.web.page.PageResult;
import dev.narthex.web.view.Urls;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashMap;
import org.jboss.resteasy.reactive.RestResponse;

/** Sends the raw bytes of untrusted files, with headers that prevent browsers from running them on this site. */
public final class RawFiles {
    private RawFiles() {}

    public static RestResponse<Object> send(PageResult.RawFile raw, HttpHeaders request) {
        var kind = raw.kind();
        var headers = new HashMap<String, String>();
        headers.put("Content-Security-Policy", "sandbox; default-src 'none'");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Cache-Control", "no-cache");
        headers.put("Content-Disposition", disposition(kind) + "; filename*=UTF-8''" + Urls.encode(raw.name()));
        return ContentResponse.of(raw.content(), raw.etag(), kind.mediaType(), headers, request);
    }

    /**
     * Returns whether the file is shown or downloaded. SVG images may contain scripts, so they are only shown inside pages, where
     * scripts do not run.
     */
    private static String disposition(FileKind kind) {
        return kind.image() == kind.text() ? "attachment" : "inline";
    }
}
