package dev.narthex.http;

import dev.narthex.nix.Compression;
import dev.narthex.nix.Compression.CompressionFormat;
import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads request bodies with size limits. */
public final class RequestBodies {
    private static final String SUPPORTED_ENCODINGS = Stream.of(CompressionFormat.values())
            .skip(1)
            .map(CompressionFormat::token)
            .collect(Collectors.joining(", "));

    private RequestBodies() {}

    /** Reads a small body completely. */
    public static byte[] read(InputStream body, int limit, String bodyName) throws IOException {
        var bytes = body.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw tooLarge(bodyName, limit);
        }
        return bytes;
    }

    /** Reads a body to its end and discards it. */
    public static void skip(InputStream body, long limit, String bodyName) throws IOException {
        var buffer = new byte[64 * 1024];
        long remaining = limit;
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            remaining -= n;
            if (remaining < 0) {
                throw tooLarge(bodyName, limit);
            }
        }
    }

    /**
     * Returns the decoded form of a body that nix may have compressed ({@code narinfo-compression} and similar settings, since nix
     * 2.32). The decoded length is not limited.
     *
     * @param limit maximum encoded size in bytes; checked before the body is read, so that a client that waits for 100 Continue
     *     does not send it in vain
     */
    public static InputStream decode(HttpHeaders headers, InputStream body, long limit, String bodyName)
            throws IOException {
        checkLength(headers, limit, bodyName);
        var encoding = contentEncoding(headers);
        var kind = switch (encoding) {
            case "identity" -> Optional.of(CompressionFormat.NONE);
            case "x-gzip" -> Optional.of(CompressionFormat.GZIP);
            case String name -> CompressionFormat.findByToken(name).filter(k -> k != CompressionFormat.NONE);
        };
        return Compression.decompress(
                body,
                kind.orElseThrow(() -> unsupported("It may be " + SUPPORTED_ENCODINGS + ", not " + encoding + ".")),
                bodyName);
    }

    /** Checks the headers of a body that must not be encoded, before it is read. */
    public static void requireUnencoded(HttpHeaders headers, long limit, String bodyName) {
        var encoding = contentEncoding(headers);
        if (!encoding.equals("identity")) {
            throw unsupported("Send this body without; " + encoding + " is not read here.");
        }
        checkLength(headers, limit, bodyName);
    }

    private static void checkLength(HttpHeaders headers, long limit, String bodyName) {
        if (contentLength(headers) > limit) {
            throw tooLarge(bodyName, limit);
        }
    }

    /** Returns the Content-Length, zero if absent. It always fits: the HTTP server rejects lengths that are not a long. */
    public static long contentLength(HttpHeaders headers) {
        return Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH))
                .map(Long::parseLong)
                .orElse(0L);
    }

    private static RuntimeException tooLarge(String bodyName, long limit) {
        return Problem.tooLarge(bodyName, "A " + bodyName + " may have " + limit + " bytes here. Nothing was stored.");
    }

    private static String contentEncoding(HttpHeaders headers) {
        return Objects.requireNonNullElse(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING), "identity")
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static RuntimeException unsupported(String detail) {
        return Problem.unsupportedMediaType("Content-Encoding: " + detail);
    }
}
