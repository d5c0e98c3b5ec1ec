package dev.narthex.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * Exchanges ID tokens of CI runs for short-lived tokens, so that CI needs no stored secret. Owners of caches configure as trusted
 * publishers which runs may publish which packages.
 */
public interface CiTokens {
    /** Error code of a run for which no trusted publisher allows this package. */
    String UNKNOWN_RUN = "invalid-publisher";

    /**
     * Returns the audience that ID tokens need: host and port of this server. If trusted publishers of several caches match,
     * clients append {@code /} and the cache name.
     */
    String audience();

    /**
     * Exchanges an ID token for a token that may publish for 15 minutes. Each ID token can be exchanged once.
     *
     * @param idToken a JWT
     * @param audience required audience of the ID token: this value, or this value for one cache, as in {@link #audience}
     * @param normalized the package to publish; empty for all that the trusted publishers allow
     * @throws dev.narthex.problem.ProblemException TooManyRequests
     */
    ExchangeResult exchange(String idToken, String audience, String ecosystem, Optional<String> normalized);

    /** Result of an exchange. */
    sealed interface ExchangeResult {
        /** @param text the token; it is not shown again */
        record Granted(String text, Instant expiresAt) implements ExchangeResult {}

        /**
         * @param code machine-readable: {@link #UNKNOWN_RUN}, {@code invalid-token}, {@code issuer-unreachable}
         * @param detail message for people; contains nothing from the ID token
         */
        record Denied(String code, String detail) implements ExchangeResult {}
    }
}
