package dev.narthex.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who asks, and the credentials of his clients, as registries tell them. */
public interface Accounts {
    /**
     * Whoever makes this request.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential
     */
    Account whoami();

    /**
     * The e-mail address of the person who asks, verified by the provider with whom he signs in; empty if he has none
     * here.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential
     */
    Optional<String> email();

    /**
     * Whose a token is that somebody sends in place of a password.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized if it is none, TooManyRequests after too many of those
     */
    Account withToken(String text);

    /** @param name as people write it: that of a person, or the label of a token of the instance's own */
    record Account(String name) {}

    /**
     * Begins the login of a client that can show an address and wait. Whether there is such a cache does not matter before
     * somebody has signed in.
     *
     * @param client what it calls itself
     * @throws dev.narthex.problem.ProblemException NotFound if nobody can sign in here
     */
    Login begin(String cache, String ecosystem, String client);

    /**
     * @param page where a person signs in and confirms it
     * @param secret with which the client, and nobody else, asks what became of it
     */
    record Login(String page, String secret) {}

    /**
     * The token, told once; empty while nobody has confirmed the login.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such login, or no more
     */
    Optional<String> finish(String secret);

    /** Those of whoever asks that he may know of, newest first, without what they say in full. */
    List<Credential> credentials();

    /** @param expiresAt empty if never */
    record Credential(long id, String label, Instant createdAt, Optional<Instant> expiresAt, boolean valid) {}

    /**
     * From now on it is no credential.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if it is not one of his
     */
    void revoke(long id);

    /** The same for the token with which the caller asks; nothing if the text is that of another. */
    void logout(String text);
}
