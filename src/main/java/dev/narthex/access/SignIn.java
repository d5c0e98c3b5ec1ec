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

/** How a person begins and ends his session, by way of the identity provider. */
@ApplicationScoped
public class SignIn {
    public static final String SESSION_COOKIE = Session.COOKIE;

    /** Where the provider sends people after it has ended their session there. */
    private static final String AFTERWARDS = "/logged-out";

    /** A code is exchanged by several calls, and nothing but this page waits for them. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int AGAIN_SECONDS = 10;

    private final SignInConfig config;
    private final String url;
    private final Session session;
    private final SignInLimit limit;
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
            SignInLimit limit,
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

    /** Host of the identity provider; empty if nobody can sign in here. */
    public Optional<String> provider() {
        return config.url().map(URI::getAuthority);
    }

    /** Whether the reader of this page has signed in; nothing is looked up for it. */
    public boolean signedIn() {
        return session.token().isPresent();
    }

    /** Whether he is an admin of this instance, for which nothing is looked up either. */
    public boolean admin() {
        return session.admin();
    }

    /** Who reads this page, if he has signed in. */
    public Optional<Principal.Person> person() {
        return session.person();
    }

    /**
     * Where the browser has to go, from an address to which it is sent again afterwards.
     *
     * @throws ProblemException NotFound if nobody can sign in here, Unavailable if the provider does not answer,
     *     TooManyRequests
     */
    public String begin() {
        var provider = requireProvider();
        limit.note(caller.address());
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
            throw down(provider);
        }
    }

    /**
     * The provider has sent the browser back: begins the session.
     *
     * @return where to send it on
     * @throws ProblemException Forbidden if the provider or the browser did not bring what a session takes
     */
    public String complete() {
        var provider = requireProvider();
        limit.note(caller.address());
        try {
            oidc.authenticate(current.getCurrent(), identities).await().atMost(PATIENCE);
        } catch (AuthenticationRedirectException e) {
            return e.getRedirectUri();
        } catch (RuntimeException e) {
            throw unreachable(e) ? down(provider) : incomplete(provider);
        }
        if (signedIn()) {
            return "/";
        }
        throw incomplete(provider);
    }

    /**
     * Ends the session, here at once.
     *
     * @return where its browser goes to end that of the provider too, if it has a page for that
     */
    public String end() {
        var there = session.token().map(token -> ending(token.getRawToken()));
        if (config.url().isPresent()) {
            cookies.get().logout().await().atMost(Session.PATIENCE);
        }
        return there.orElse(AFTERWARDS);
    }

    private String ending(String idToken) {
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
        return provider().orElseThrow(() -> new Problem.NotFound("page", "/login").asException());
    }

    private static boolean unreachable(Throwable e) {
        return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof ConnectException
                        || cause instanceof java.util.concurrent.TimeoutException
                        || cause instanceof io.smallrye.mutiny.TimeoutException);
    }

    private static ProblemException down(String provider) {
        return new Problem.Unavailable(
                        provider
                                + " does not answer, so nobody can sign in for now. What everyone may read, and programs"
                                + " with tokens, go on. Try again in a moment.",
                        AGAIN_SECONDS)
                .asException();
    }

    private static ProblemException incomplete(String provider) {
        return new Problem.Forbidden(
                        "Signing in with " + provider + " did not come to its end: it was refused or broken"
                                + " off there, took too long, or began in another browser. Sign in again.")
                .asException();
    }
}
