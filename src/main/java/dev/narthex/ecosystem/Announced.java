package dev.narthex.ecosystem;

import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** What a request says of a body that brings a file. Judged before any of it is read. */
public final class Announced {
    private Announced() {}

    /**
     * @param most bytes
     * @param tooLarge what is said of a body that has more
     * @throws dev.narthex.problem.ProblemException UnsupportedMediaType for a body that is packed, and what {@code tooLarge}
     *     gives
     */
    public static void require(HttpHeaders headers, long most, Supplier<RuntimeException> tooLarge) {
        var encoding = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING))
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (!encoding.equals("identity")) {
            throw new Problem.UnsupportedMediaType(
                            "Content-Encoding: files are sent without; " + encoding + " is not read here.")
                    .asException();
        }
        long length = Optional.ofNullable(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH))
                .map(Long::parseLong)
                .orElse(0L);
        if (length > most) {
            throw tooLarge.get();
        }
    }
}
