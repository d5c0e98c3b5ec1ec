package dev.narthex.access;

import io.quarkus.oidc.Oidc;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.runtime.OidcTenantConfig.ApplicationType;
import io.quarkus.oidc.runtime.OidcTenantConfig.Roles.Source;
import io.quarkus.oidc.runtime.OidcTenantConfig.TokenStateManager.Strategy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Configures Quarkus OIDC for the identity provider in the settings: code flow with PKCE and nonce. A session is stored in two
 * encrypted cookies (ID token and refresh token; the access token is dropped), so every replica with the same instance key can read
 * it.
 */
@Singleton
class IdentityProvider {
    /** Redirect path, to be registered at the identity provider. */
    static final String CALLBACK = "/oidc/callback";

    /** If the provider is unreachable, startup is delayed by this time. */
    private static final Duration CONNECTING = Duration.ofSeconds(2);

    private final SignInConfig config;
    private final InstanceKey key;
    private final String url;

    IdentityProvider(SignInConfig config, InstanceKey key, @ConfigProperty(name = "narthex.url") String url) {
        this.config = config;
        this.key = key;
        this.url = url;
    }

    void configure(@Observes Oidc oidc) {
        config.url().ifPresent(issuer -> oidc.create(tenant(issuer)));
    }

    private OidcTenantConfig tenant(URI issuer) {
        var tenant = OidcTenantConfig.authServerUrl(issuer.toString())
                .applicationType(ApplicationType.WEB_APP)
                .connectionTimeout(CONNECTING)
                .clientId(config.clientId())
                .roles(Source.idtoken, config.groupClaims().toArray(String[]::new));
        config.clientSecret().ifPresent(tenant::credentials);
        tenant.authentication()
                .redirectPath(url + CALLBACK)
                .restorePathAfterRedirect()
                .scopes(config.scopes())
                .pkceRequired()
                .nonceRequired()
                .stateSecret(secret("state of signing in"))
                .cookieForceSecure(url.startsWith("https:"))
                .sessionAgeExtension(config.idle())
                .end();
        tenant.token().refreshExpired().end();
        tenant.tokenStateManager()
                .strategy(Strategy.ID_REFRESH_TOKENS)
                .splitTokens()
                .encryptionSecret(secret("sessions"))
                .end();
        return tenant.build();
    }

    private String secret(String purpose) {
        return Base64.getEncoder().withoutPadding().encodeToString(key.derive(purpose));
    }
}
