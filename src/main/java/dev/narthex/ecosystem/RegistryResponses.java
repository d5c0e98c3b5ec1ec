package dev.narthex.ecosystem;

import dev.narthex.http.Content;
import dev.narthex.http.ContentResponse;
import dev.narthex.http.DeliveryCheck;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Document;
import dev.narthex.spi.Registry;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;

/** Builds the HTTP responses that all registries have in common. Call it on the thread of the resource method. */
public final class RegistryResponses {
    private RegistryResponses() {}

    /**
     * Responds with a document that clients may cache but must revalidate.
     *
     * @param type with charset
     * @param vary request headers besides Accept-Encoding that select the form; may be empty
     */
    public static RestResponse<Object> document(
            Registry registry, Document document, String type, String vary, HttpHeaders request) {
        var headers = new HashMap<String, String>();
        headers.put("Cache-Control", registry.cache().open() ? "public, no-cache" : "private, no-cache");
        headers.put("Vary", vary.isEmpty() ? "Accept-Encoding" : vary + ", Accept-Encoding");
        headers.put("X-Content-Type-Options", "nosniff");
        var gzip = document.gzip().filter(g -> takesGzip(request) || acceptsStoredEncoding(document, request));
        gzip.ifPresent(g -> headers.put("Content-Encoding", "gzip"));
        // An ETag identifies one sequence of bytes, so the gzip form needs another one.
        return ContentResponse.of(
                gzip.map(Content::of).orElseGet(() -> plain(document)),
                gzip.isPresent() ? document.etag() + "-gzip" : document.etag(),
                type,
                headers,
                request);
    }

    /**
     * Streams a list of everything while it is read, since it may be long. Its ETag changes with every change of the cache.
     *
     * @param type with charset; the ETag depends on it and on the cache
     * @param vary request headers besides Accept-Encoding that select the form; may be empty
     */
    public static RestResponse<Object> listing(
            Registry registry, ContentResponse.Writer writer, String type, String vary, HttpHeaders request) {
        var mark = registry.revision() + " " + registry.cache().id() + " " + type;
        boolean gzip = takesGzip(request);
        var etag = "\"" + NixHash.sha256(mark.getBytes(StandardCharsets.UTF_8)).nix32() + (gzip ? "-gzip\"" : "\"");
        var headers = new HashMap<String, String>();
        headers.put("Cache-Control", registry.cache().open() ? "public, no-cache" : "private, no-cache");
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("Vary", vary.isEmpty() ? "Accept-Encoding" : vary + ", Accept-Encoding");
        if (gzip) {
            headers.put("Content-Encoding", "gzip");
        }
        if (ContentResponse.etagMatches(request.getHeaderString("If-None-Match"), etag)) {
            return ContentResponse.notModified(etag, headers);
        }
        var answer = RestResponse.ResponseBuilder.<Object>ok(ContentResponse.streaming(gzip ? packed(writer) : writer))
                .header("Content-Type", type)
                .header("ETag", etag);
        headers.forEach(answer::header);
        return answer.build();
    }

    private static ContentResponse.Writer packed(ContentResponse.Writer writer) {
        return out -> {
            try (var gzip = Document.packing(out)) {
                writer.write(gzip);
            }
        };
    }

    /**
     * Responds with a file exactly as it is stored. Never compressed, because clients verify its digest. The download is counted
     * when it is complete.
     *
     * @param etag without quotes
     */
    public static RestResponse<Object> file(Registry registry, Artifact artifact, String etag, HttpHeaders request)
            throws IOException {
        var headers = Map.of(
                "Cache-Control",
                (registry.cache().open() ? "public" : "private") + ", max-age=31536000, immutable",
                "X-Content-Type-Options",
                "nosniff");
        var answer = ContentResponse.of(registry.open(artifact), etag, "application/octet-stream", headers, request);
        DeliveryCheck.onDelivered(answer, () -> registry.downloaded(artifact));
        return answer;
    }

    /**
     * Redirects a browser that opens a registry URL to the page.
     *
     * @return empty if the client is not a browser navigation
     */
    public static Optional<RestResponse<Object>> page(Registry registry, String path, HttpHeaders request) {
        if (!"navigate".equals(request.getHeaderString("Sec-Fetch-Mode"))) {
            return Optional.empty();
        }
        var page = URI.create(registry.baseUrl() + "/" + registry.cache().name() + "/" + path);
        return Optional.of(RestResponse.ResponseBuilder.<Object>create(303)
                .header("Location", page)
                .header("Vary", "Sec-Fetch-Mode")
                .build());
    }

    private static Content plain(Document document) {
        return document.plain().map(Content::of).orElseGet(() -> new Content() {
            @Override
            public long length() {
                return document.length();
            }

            @Override
            public InputStream open(long from, long count) throws IOException {
                var in = document.open();
                if (count == document.length()) {
                    return in;
                }
                try (in) {
                    in.skipNBytes(from);
                    return new ByteArrayInputStream(in.readNBytes(Math.toIntExact(count)));
                }
            }
        });
    }

    /**
     * A client that sends no Accept-Encoding accepts any coding (RFC 9110 §12.5.3). It may have cached the gzip form and now
     * revalidate it.
     */
    private static boolean acceptsStoredEncoding(Document document, HttpHeaders request) {
        return request.getHeaderString("Accept-Encoding") == null
                && ContentResponse.etagMatches(
                        request.getHeaderString("If-None-Match"), "\"" + document.etag() + "-gzip\"");
    }

    private static boolean takesGzip(HttpHeaders request) {
        var header =
                Optional.ofNullable(request.getHeaderString("Accept-Encoding")).orElse("");
        for (var coding : header.split(",", -1)) {
            var parts = coding.strip().split(";", -1);
            if (parts[0].strip().equalsIgnoreCase("gzip")) {
                return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}
