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
 * The browser session of this request, if it has one and the endpoint is marked {@link BrowserEndpoint}. Reading a session
 * does not call
 * the identity provider until its ID token expires; then one call renews it. If the session is invalid or the provider does not
 * respond, the reader is anonymous, so public pages keep working.
 */
@RequestScoped
class Session {
    /** How long a page waits for the identity provider. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Prefix of the session cookie names; a long session is split over several cookies. */
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

    /** Returns the signed-in person. */
    Optional<Principal.Person> person() {
        if (person == null) {
            person = identity()
                    .flatMap(found -> token(found).map(token -> persons.of(Claims.of(token, found.getRoles()))));
        }
        return person;
    }

    /** Returns where the request was initiated, from Sec-Fetch-Site (Fetch Metadata). Old browsers do not send it. */
    Optional<String> fetchSite() {
        return Optional.ofNullable(request.getHeader("Sec-Fetch-Site"));
    }

    /**
     * Returns whether a form was sent from another site, by its Origin header. The header is missing in old browsers; it is "null"
     * if the page hides its origin, which counts as another site. This site is identified by its public URL and by the Host header.
     */
    boolean isCrossSite() {
        return Optional.ofNullable(request.getHeader("Origin"))
                .filter(origin -> !origin.equalsIgnoreCase(url) && !ofThisHost(origin))
                .isPresent();
    }

    private boolean ofThisHost(String origin) {
        return origin.replaceFirst("^https?://", "").equalsIgnoreCase(request.getHeader("Host"))
                && origin.startsWith("http");
    }

    /** Returns the ID token of the session; no database query. */
    Optional<JsonWebToken> token() {
        return identity().flatMap(Session::token);
    }

    /** Returns whether the ID token makes the person an admin; no database query. */
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
            identity = isReadable() ? read() : Optional.empty();
        }
        return identity;
    }

    /**
     * Returns whether a session can be read. Requests rejected before they reach an endpoint run on the event loop, which must not
     * block.
     */
    private boolean isReadable() {
        return config.url().isPresent()
                && request.cookies().stream()
                        .anyMatch(cookie -> cookie.getName().startsWith(COOKIE))
                && isBrowserEndpoint(endpoint.getResourceClass())
                && BlockingOperationControl.isBlockingAllowed();
    }

    private static boolean isBrowserEndpoint(@Nullable Class<?> type) {
        return type != null && type.isAnnotationPresent(BrowserEndpoint.class);
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
