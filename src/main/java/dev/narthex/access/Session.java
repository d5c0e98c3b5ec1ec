package dev.narthex.access;

import io.quarkus.logging.Log;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.runtime.BlockingOperationControl;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jspecify.annotations.Nullable;

/**
 * The session of the browser that makes this request, if it has one and asks for a page. Reading one takes no call to the
 * provider, until its ID token has expired: then a call renews it. A provider that does not answer, and a session that is none,
 * both leave the reader anonymous: what everyone may read goes on.
 */
@RequestScoped
class Session {
    /** How long a page waits for the provider. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /** How the names of its cookies begin: a long one is cut into several. */
    static final String COOKIE = "q_session";

    private final SignInConfig config;
    private final String url;
    private final OidcAuthenticationMechanism oidc;
    private final IdentityProviderManager identities;
    private final Persons persons;
    private final CurrentVertxRequest current;
    private final HttpServerRequest request;
    private final ResourceInfo endpoint;
    private @Nullable Optional<SecurityIdentity> identity;
    private @Nullable Optional<Principal.Person> person;

    Session(
            SignInConfig config,
            @ConfigProperty(name = "narthex.url") String url,
            OidcAuthenticationMechanism oidc,
            IdentityProviderManager identities,
            Persons persons,
            CurrentVertxRequest current,
            @Context HttpServerRequest request,
            @Context ResourceInfo endpoint) {
        this.config = config;
        this.url = url;
        this.oidc = oidc;
        this.identities = identities;
        this.persons = persons;
        this.current = current;
        this.request = request;
        this.endpoint = endpoint;
    }

    /** Who reads this page. */
    Optional<Principal.Person> person() {
        if (person == null) {
            person = identity()
                    .flatMap(found -> token(found).map(token -> persons.of(Claims.of(token, found.getRoles()))));
        }
        return person;
    }

    /** From where the browser says that it was sent here (Fetch Metadata, Sec-Fetch-Site); older ones say nothing. */
    Optional<String> site() {
        return Optional.ofNullable(request.getHeader("Sec-Fetch-Site"));
    }

    /**
     * Whether the browser says that a form was sent from another site: no Origin at all is that of older ones, and "null" that
     * of a page which hides where it stands. The site is known by its public address, and by the name that the browser asked.
     */
    boolean foreign() {
        return Optional.ofNullable(request.getHeader("Origin"))
                .filter(origin -> !origin.equalsIgnoreCase(url) && !ofThisHost(origin))
                .isPresent();
    }

    private boolean ofThisHost(String origin) {
        return origin.replaceFirst("^https?://", "").equalsIgnoreCase(request.getHeader("Host"))
                && origin.startsWith("http");
    }

    /** What the provider said about him, for which nothing is looked up. */
    Optional<JsonWebToken> token() {
        return identity().flatMap(Session::token);
    }

    /** Whether the provider said that he is an admin, for which nothing is looked up either. */
    boolean admin() {
        return identity()
                .flatMap(found -> token(found).map(token -> Claims.of(token, found.getRoles())))
                .filter(claims -> claims.admin(config))
                .isPresent();
    }

    private static Optional<JsonWebToken> token(SecurityIdentity identity) {
        return identity.getPrincipal() instanceof JsonWebToken token ? Optional.of(token) : Optional.empty();
    }

    private Optional<SecurityIdentity> identity() {
        if (identity == null) {
            identity = possible() ? read() : Optional.empty();
        }
        return identity;
    }

    /** What is refused before an endpoint is reached runs where nothing may wait. */
    private boolean possible() {
        return config.url().isPresent()
                && request.cookies().stream()
                        .anyMatch(cookie -> cookie.getName().startsWith(COOKIE))
                && ofPage(endpoint.getResourceClass())
                && BlockingOperationControl.isBlockingAllowed();
    }

    private static boolean ofPage(@Nullable Class<?> type) {
        return type != null && type.isAnnotationPresent(ForPeople.class);
    }

    private Optional<SecurityIdentity> read() {
        try {
            return Optional.ofNullable(
                    oidc.authenticate(current.getCurrent(), identities).await().atMost(PATIENCE));
        } catch (RuntimeException e) {
            Log.debugf("a session was not read: %s", e);
            return Optional.empty();
        }
    }
}
