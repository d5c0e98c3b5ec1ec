package dev.narthex.http;

import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Checks the headers of an upload before any of its body is read. */
public final class ContentLengthCheck {
    private ContentLengthCheck() {}

    /**
     * Rejects a body that has a Content-Encoding or is declared too long.
     *
     * @param max maximum Content-Length in bytes
     * @param tooLarge creates the exception for a longer body
     * @throws dev.narthex.problem.ProblemException UnsupportedMediaType for an encoded body, and the exception from
     *     {@code tooLarge}
     */
    public static void require(HttpHeaders headers, long max, Supplier<RuntimeException> tooLarge) {
        var encoding = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING))
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (!encoding.equals("identity")) {
            throw Problem.unsupportedMediaType(
                    "Content-Encoding: files are sent without; " + encoding + " is not read here.");
        }
        long length = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH))
                .map(Long::parseLong)
                .orElse(0L);
        if (length > max) {
            throw tooLarge.get();
        }
    }
}
