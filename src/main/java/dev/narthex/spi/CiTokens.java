package dev.narthex.spi;

import java.time.Instant;
import java.util.Optional;

/**
 * Lets CI runs in that show an ID token of their provider in place of a stored secret. Owners of caches say in rules which
 * runs may publish what.
 */
public interface CiTokens {
    /** Code of a run that no rule lets publish this. */
    String UNKNOWN_RUN = "invalid-publisher";

    /**
     * For whom ID tokens are to be made that are exchanged here: host and port of this server. Where rules of several caches
     * fit, {@code /} and the name of one follow.
     */
    String audience();

    /**
     * A token that may publish, for a quarter of an hour. An ID token is exchanged once.
     *
     * @param idToken a JWT
     * @param audience it must be made for this, or for one cache of it, as in {@link #audience}
     * @param normalised the package that is to be published; empty for whatever the rules allow
     * @throws dev.narthex.problem.ProblemException TooManyRequests
     */
    Outcome exchange(String idToken, String audience, String ecosystem, Optional<String> normalised);

    /** What became of an ID token. */
    sealed interface Outcome {
        /** @param text of the token, told once */
        record Exchanged(String text, Instant expiresAt) implements Outcome {}

        /**
         * @param code a word for programs: {@link #UNKNOWN_RUN}, {@code invalid-token}, {@code issuer-unreachable}
         * @param detail for people; says nothing of what is in the ID token
         */
        record Refused(String code, String detail) implements Outcome {}
    }
}
