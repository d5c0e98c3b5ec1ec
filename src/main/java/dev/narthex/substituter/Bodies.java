package dev.narthex.substituter;

import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;

/** Request bodies within limits. */
final class Bodies {
    private Bodies() {}

    /** The whole of a small body. */
    static byte[] read(InputStream body, int limit, String what) throws IOException {
        var bytes = body.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw tooLarge(what, limit);
        }
        return bytes;
    }

    /** Reads a body to its end and drops it. */
    static void skip(InputStream body, long limit, String what) throws IOException {
        var buffer = new byte[64 * 1024];
        long left = limit;
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            left -= n;
            if (left < 0) {
                throw tooLarge(what, limit);
            }
        }
    }

    /** What can be known before the body is read, so that a client that waits for 100 Continue sends none in vain. */
    static void check(HttpHeaders headers, long limit, String what) {
        refuseEncoded(headers);
        var length = headers.getHeaderString(HttpHeaders.CONTENT_LENGTH);
        // Longer numbers never come here: the HTTP server reads the length as a long.
        if (length != null && Long.parseLong(length) > limit) {
            throw tooLarge(what, limit);
        }
    }

    private static RuntimeException tooLarge(String what, long limit) {
        return new Problem.TooLarge(what, "A " + what + " may have " + limit + " bytes here. Nothing was stored.")
                .asException();
    }

    private static void refuseEncoded(HttpHeaders headers) {
        var encoding = headers.getHeaderString(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new Problem.UnsupportedMediaType(
                            "Send this body without Content-Encoding; " + encoding + " is not read.")
                    .asException();
        }
    }
}
