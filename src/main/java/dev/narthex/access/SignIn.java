package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import io.quarkus.oidc.OidcConfigurationMetadata;
import io.quarkus.oidc.OidcSession;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Starts, completes and ends browser sessions through the identity provider. */
@ApplicationScoped
public class SignIn {
    public static final String SESSION_COOKIE = Session.COOKIE;

    /** Path to which the provider redirects after it has ended its own session. */
    private static final String AFTERWARDS = "/logged-out";

    /** Longer than for other pages: exchanging the code takes several calls, and only the callback waits for them. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int AGAIN_SECONDS = 10;

    private final SignInConfig config;
    private final String url;
    private final Session session;
    private final SignInRateLimit limit;
    private final Caller caller;
    private final OidcAuthenticationMechanism oidc;
    private final IdentityProviderManager identities;
    private final CurrentVertxRequest current;
    private final Instance<OidcSession> cookies;
    private final Instance<OidcConfigurationMetadata> metadata;

    SignIn(
            SignInConfig config,
            @ConfigProperty(name = "narthex.url") String url,
            Session session,
            SignInRateLimit limit,
            Caller caller,
            OidcAuthenticationMechanism oidc,
            IdentityProviderManager identities,
            CurrentVertxRequest current,
            Instance<OidcSession> cookies,
            Instance<OidcConfigurationMetadata> metadata) {
        this.config = config;
        this.url = url;
        this.session = session;
        this.limit = limit;
        this.caller = caller;
        this.oidc = oidc;
        this.identities = identities;
        this.current = current;
        this.cookies = cookies;
        this.metadata = metadata;
    }

    /** Returns the host of the identity provider; empty if sign-in is not configured. */
    public Optional<String> provider() {
        return config.url().map(URI::getAuthority);
    }

    /** Returns whether the reader is signed in; no database query. */
    public boolean signedIn() {
        return session.token().isPresent();
    }

    /** Returns whether the reader is an instance admin; no database query. */
    public boolean admin() {
        return session.admin();
    }

    /** Returns the signed-in reader. */
    public Optional<Principal.Person> person() {
        return session.person();
    }

    /**
     * Starts a sign-in from the current page, to which the browser returns afterwards.
     *
     * @return URL of the identity provider to redirect to
     * @throws ProblemException NotFound if sign-in is not configured, Unavailable if the provider does not respond, TooManyRequests
     */
    public String begin() {
        var provider = requireProvider();
        limit.recordAttempt(caller.address());
        try {
            return oidc
                    .getChallenge(current.getCurrent())
                    .await()
                    .atMost(Session.PATIENCE)
                    .getHeaders()
                    .entrySet()
                    .stream()
                    .filter(header -> header.getKey().toString().equalsIgnoreCase("Location"))
                    .findFirst()
                    .orElseThrow()
                    .getValue();
        } catch (RuntimeException e) {
            throw providerUnavailable(provider);
        }
    }

    /**
     * Handles the callback of the identity provider and starts the session.
     *
     * @return path or URL to redirect to
     * @throws ProblemException Forbidden if the sign-in was refused or is incomplete, NotFound, Unavailable and TooManyRequests as
     *     in {@link #begin}
     */
    public String complete() {
        var provider = requireProvider();
        limit.recordAttempt(caller.address());
        try {
            oidc.authenticate(current.getCurrent(), identities).await().atMost(PATIENCE);
        } catch (AuthenticationRedirectException e) {
            return e.getRedirectUri();
        } catch (RuntimeException e) {
            throw isUnreachable(e) ? providerUnavailable(provider) : signInIncomplete(provider);
        }
        if (signedIn()) {
            return "/";
        }
        throw signInIncomplete(provider);
    }

    /**
     * Ends the session on this server immediately.
     *
     * @return where to redirect the browser to end the provider's session too, if the provider supports that
     */
    public String signOut() {
        var there = session.token().map(token -> endSessionUrl(token.getRawToken()));
        if (config.url().isPresent()) {
            cookies.get().logout().await().atMost(Session.PATIENCE);
        }
        return there.orElse(AFTERWARDS);
    }

    private String endSessionUrl(String idToken) {
        return Optional.ofNullable(metadata.get().getEndSessionUri())
                .map(page -> page + (page.contains("?") ? "&" : "?") + "client_id=" + encoded(config.clientId())
                        + "&id_token_hint=" + encoded(idToken) + "&post_logout_redirect_uri="
                        + encoded(url + AFTERWARDS))
                .orElse(AFTERWARDS);
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private String requireProvider() {
        return provider().orElseThrow(() -> Problem.notFound("page", "/login"));
    }

    private static boolean isUnreachable(Throwable e) {
        return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof ConnectException
                        || cause instanceof java.util.concurrent.TimeoutException
                        || cause instanceof io.smallrye.mutiny.TimeoutException);
    }

    private static ProblemException providerUnavailable(String provider) {
        return Problem.unavailable(
                provider
                        + " does not respond, so signing in is not possible now. Public pages and programs"
                        + " with tokens still work. Try again in a moment.",
                AGAIN_SECONDS);
    }

    private static ProblemException signInIncomplete(String provider) {
        return Problem.forbidden("Signing in with " + provider + " was not completed: it was refused or interrupted"
                + " off there, took too long, or began in another browser. Sign in again.");
    }
}
