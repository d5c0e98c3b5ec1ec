package dev.narthex.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of sign-in, and how claims of the identity provider are interpreted. Without a URL, sign-in is disabled. */
@ConfigMapping(prefix = "narthex.oidc")
interface SignInConfig {
    /** Issuer URL of an OpenID Connect provider; {@code /.well-known/openid-configuration} is found below it. */
    Optional<URI> url();

    /** Client id of this server at the provider. */
    @WithDefault("narthex")
    String clientId();

    /** Empty for a public client. PKCE is always used. */
    Optional<String> clientSecret();

    /** Scopes to request in addition to openid. */
    @WithDefault("profile,email")
    List<String> scopes();

    /** Claims of the ID token that list groups and roles, such as groups,realm_access/roles. Groups can be members of caches. */
    @WithDefault("groups")
    List<String> groupClaims();

    /** Members of this group are instance admins. */
    Optional<String> adminGroup();

    /** Subjects or verified email addresses of further instance admins, such as the first one. */
    Optional<List<String>> admins();

    /** Idle time after which a session ends, unless the provider ends it earlier. */
    @WithDefault("8H")
    Duration idle();
}
