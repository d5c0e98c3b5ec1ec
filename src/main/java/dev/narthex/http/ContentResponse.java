package dev.narthex.http;

import io.quarkus.logging.Log;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.PathPart;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/**
 * Responds to requests with {@link Content}: HEAD, strong ETag, 304, a single byte range, If-Range (RFC 9110 §13, §14). Must be
 * called on the thread of the resource method. Bodies are never content-encoded.
 */
public final class ContentResponse {
    /**
     * In-memory content up to this size is passed to the network as a whole; larger content is sent block by block with
     * back-pressure.
     */
    private static final int MAX_SINGLE_WRITE_BYTES = 256 << 10;

    /** Other content up to this size is read into memory before the response starts and sent in one block. */
    private static final int MAX_READ_FIRST_BYTES = 64 << 10;

    private ContentResponse() {}

    /**
     * Builds the response for a content.
     *
     * @param etag without quotes; must change whenever the bytes change
     * @param type media type
     * @param headers additional response headers, sent with 200, 206 and 304
     * @param request headers of the request
     */
    public static RestResponse<Object> of(
            Content content, String etag, String type, Map<String, String> headers, HttpHeaders request) {
        var quoted = "\"" + etag + "\"";
        if (etagMatches(request.getHeaderString("If-None-Match"), quoted)) {
            return notModified(quoted, headers);
        }
        var range = Optional.ofNullable(request.getHeaderString("Range"))
                .filter(header -> Objects.requireNonNullElse(request.getHeaderString("If-Range"), quoted)
                        .equals(quoted))
                .flatMap(header -> ByteRange.parse(header, content.length()));
        if (range.isPresent() && !range.get().isSatisfiable()) {
            return responseBuilder(416, quoted, headers)
                    .header("Content-Range", "bytes */" + content.length())
                    .build();
        }
        var selected = range.orElse(new ByteRange(0, content.length()));
        var builder = responseBuilder(range.isPresent() ? 206 : 200, quoted, headers);
        range.ifPresent(header -> builder.header(
                "Content-Range",
                "bytes " + header.from() + "-" + (header.from() + header.count() - 1) + "/" + content.length()));
        return builder.header("Content-Type", type)
                .header("Accept-Ranges", "bytes")
                .header("Content-Length", selected.count())
                .entity(body(content, selected))
                .build();
    }

    /**
     * Builds a 304 response. It has no Content-Type, because caches would apply it to the stored response, which may have
     * another type.
     */
    public static RestResponse<Object> notModified(String quotedEtag, Map<String, String> headers) {
        return responseBuilder(304, quotedEtag, headers).build();
    }

    /** Whether If-None-Match contains this ETag, by weak comparison (RFC 9110 §13.1.2). {@code header} may be null. */
    public static boolean etagMatches(@org.jspecify.annotations.Nullable String header, String quotedEtag) {
        if (header == null) {
            return false;
        }
        for (var tag : header.split(",", -1)) {
            var trimmed = tag.strip();
            if (trimmed.equals("*") || (trimmed.startsWith("W/") ? trimmed.substring(2) : trimmed).equals(quotedEtag)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a response body of unknown length, written with back-pressure. If the writer fails before anything was sent, the
     * framework responds with the problem. Later it closes the connection, or resets the HTTP/2 stream, so that no client
     * mistakes a truncated body for a complete one.
     */
    public static StreamingOutput streaming(Writer writer) {
        var eventLoop = Vertx.currentContext();
        var response = CurrentRequest.findRequest().map(HttpServerRequest::response);
        return out -> {
            var output = new BackpressureOutputStream(out, eventLoop);
            try {
                writer.write(output);
            } catch (IOException | RuntimeException e) {
                // the exception mapper will find the connection closed and assume that the client closed it
                if (response.filter(header -> header.headWritten() && !header.closed())
                        .isPresent()) {
                    Log.warnf("answer cut off: %s", e);
                }
                throw e;
            }
            output.end();
        };
    }

    /** Writes a response body. */
    @FunctionalInterface
    public interface Writer {
        void write(OutputStream out) throws IOException;
    }

    private static ResponseBuilder<Object> responseBuilder(int status, String quotedEtag, Map<String, String> headers) {
        var builder = ResponseBuilder.<Object>create(status).header("ETag", quotedEtag);
        headers.forEach(builder::header);
        return builder;
    }

    private static byte[] readRange(Content content, ByteRange selected) {
        try (var in = content.open(selected.from(), selected.count())) {
            var bytes = in.readNBytes((int) selected.count());
            if (bytes.length < selected.count()) {
                throw new EOFException("the content has become shorter");
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the current response if it can send buffers directly. HTTP/2 cannot: it splits every buffer into frames. */
    private static Optional<HttpServerResponse> findDirectResponse() {
        return CurrentRequest.findRequest()
                .filter(request -> request.method() == HttpMethod.GET && request.version() != HttpVersion.HTTP_2)
                .map(HttpServerRequest::response);
    }

    private static Object body(Content content, ByteRange selected) {
        var file = content.file();
        if (selected.count() == 0) {
            return new byte[0];
        }
        if (file.isPresent()) {
            return new PathPart(file.get().path(), file.get().offset() + selected.from(), selected.count());
        }
        if (content.bytesInMemory().isPresent() && selected.count() <= MAX_SINGLE_WRITE_BYTES) {
            var bytes = content.bytesInMemory().get();
            int from = (int) selected.from();
            return selected.count() == bytes.length
                    ? bytes
                    : Arrays.copyOfRange(bytes, from, from + (int) selected.count());
        }
        if (selected.count() <= MAX_READ_FIRST_BYTES) {
            return readRange(content, selected);
        }
        var response = findDirectResponse();
        return streaming(out -> {
            try (InputStream in = content.open(selected.from(), selected.count())) {
                if (in instanceof DirectBufferSource blocks && response.isPresent()) {
                    DirectBufferWriter.send(blocks, out, response.get());
                } else {
                    in.transferTo(out);
                }
            }
        });
    }
}
