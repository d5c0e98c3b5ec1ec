package dev.narthex.substituter;

import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;

/** Small request bodies, read whole within a limit. */
final class Bodies {
    private Bodies() {}

    static byte[] read(InputStream body, int limit, String what) throws IOException {
        var bytes = body.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new Problem.TooLarge(what, "A " + what + " may have " + limit + " bytes.").asException();
        }
        return bytes;
    }

    static void refuseEncoded(HttpHeaders headers) {
        var encoding = headers.getHeaderString(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new Problem.UnsupportedMediaType(
                            "Send this body without Content-Encoding; " + encoding + " is not read.")
                    .asException();
        }
    }
}
