package dev.narthex.vault.locks;

import dev.narthex.http.LimitedInputStream;
import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Reads an uploaded lockfile as UTF-8, with limited length. */
public final class LockfileBody {
    /** Ten times the lockfile of a large monorepo. */
    private static final int MAX_BYTES = 32 << 20;

    private LockfileBody() {}

    /**
     * Returns a reader of the body. Reading fails with TooLarge after too many bytes, and with a
     * {@link java.nio.charset.CharacterCodingException} if the body is not UTF-8.
     *
     * @throws dev.narthex.problem.ProblemException TooLarge, UnsupportedMediaType, from the headers alone
     */
    public static Reader of(HttpHeaders headers, InputStream body) {
        var encoding = Objects.requireNonNullElse(headers.getHeaderString(HttpHeaders.CONTENT_ENCODING), "identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            throw Problem.unsupportedMediaType("Send the lock as it is, without Content-Encoding.");
        }
        // Always fits: the HTTP server rejects lengths that are not a long.
        var length = Objects.requireNonNullElse(headers.getHeaderString(HttpHeaders.CONTENT_LENGTH), "0");
        if (Long.parseLong(length) > MAX_BYTES) {
            throw tooLarge();
        }
        var strict = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        return new InputStreamReader(new LimitedInputStream(body, MAX_BYTES, LockfileBody::tooLarge), strict);
    }

    private static RuntimeException tooLarge() {
        return Problem.tooLarge("lock", "A lock may have " + (MAX_BYTES >> 20) + " MiB.");
    }
}
