package dev.narthex.vault;

import dev.narthex.content.LimitedInput;
import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The lock that somebody sends: UTF-8 of bounded length. */
final class LockText {
    /** Ten times the lock of a large monorepo. */
    private static final int LIMIT = 32 << 20;

    private LockText() {}

    /**
     * Ends in a problem after too many bytes, and with a {@link java.nio.charset.CharacterCodingException} in what is no UTF-8.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge, UnsupportedMediaType, by what the headers say of the body
     */
    static Reader of(HttpHeaders headers, InputStream body) {
        var encoding = Objects.requireNonNullElse(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING), "identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw new Problem.UnsupportedMediaType("Send the lock as it is, without Content-Encoding.").asException();
        }
        // longer numbers never come here: the HTTP server reads the length as a long
        var length = Objects.requireNonNullElse(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH), "0");
        if (Long.parseLong(length) > LIMIT) {
            throw tooLarge();
        }
        var strict = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        return new InputStreamReader(new LimitedInput(body, LIMIT, LockText::tooLarge), strict);
    }

    private static RuntimeException tooLarge() {
        return new Problem.TooLarge("lock", "A lock may have " + (LIMIT >> 20) + " MiB.").asException();
    }
}
