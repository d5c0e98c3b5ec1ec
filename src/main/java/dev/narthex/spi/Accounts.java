package dev.narthex.spi;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Identifies the account behind the current request, logs in clients, and manages the account's credentials, for registries whose
 * clients support that.
 */
public interface Accounts {
    /**
     * Returns the account that the request's credential belongs to.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential
     */
    Account whoami();

    /**
     * Returns the caller's e-mail address as verified by the identity provider; empty if Narthex knows none.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized without a valid credential
     */
    Optional<String> email();

    /**
     * Returns the owner of a token that a client sends in place of a password.
     *
     * @throws dev.narthex.problem.ProblemException Unauthorized if the token is invalid, TooManyRequests after too many invalid
     *     ones
     */
    Account withToken(String text);

    /** @param name display name: that of a person, or the label of a token that belongs to the instance */
    record Account(String name) {}

    /**
     * Begins a device login: the client shows a URL to its user and polls until the user confirms. The cache is not checked
     * before the user has signed in, so that private and absent caches look the same.
     *
     * @param client name that the client gives itself
     * @throws dev.narthex.problem.ProblemException NotFound if sign-in is not available on this server
     */
    Login begin(String cache, String ecosystem, String client);

    /**
     * @param page URL where the user signs in and confirms the login
     * @param secret bearer secret with which only this client polls for the result
     */
    record Login(String page, String secret) {}

    /**
     * Returns the new token, once; empty while the login is not confirmed.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the login is unknown or expired
     */
    Optional<String> finish(String secret);

    /** Lists the credentials that the caller may see, newest first, without their secrets. */
    List<Credential> credentials();

    /** @param expiresAt empty if it never expires */
    record Credential(long id, String label, Instant createdAt, Optional<Instant> expiresAt, boolean valid) {}

    /**
     * Revokes a credential of the caller.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the caller has no such credential
     */
    void revoke(long id);

    /** Revokes the token that authenticates this request. Does nothing if {@code text} is another token. */
    void logout(String text);
}
