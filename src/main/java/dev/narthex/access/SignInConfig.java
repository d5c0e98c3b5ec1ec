package dev.narthex.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where people sign in, and what the provider's claims mean here. Without a URL nobody signs in. */
@ConfigMapping(prefix = "narthex.oidc")
interface SignInConfig {
    /** The issuer of an OpenID Connect provider, below which is {@code /.well-known/openid-configuration}. */
    Optional<URI> url();

    /** As this server is registered there. */
    @WithDefault("narthex")
    String clientId();

    /** None if it is registered as a public client; PKCE is used always. */
    Optional<String> clientSecret();

    /** Asked for beside openid. */
    @WithDefault("profile,email")
    List<String> scopes();

    /** Claims of the ID token that list groups and roles, such as groups,realm_access/roles. Caches have groups as members. */
    @WithDefault("groups")
    List<String> groupClaims();

    /** Whoever is in this group is an admin of this instance. */
    Optional<String> adminGroup();

    /** Subjects, or e-mail addresses that the provider says it has verified, of more admins: so there is a first one. */
    Optional<List<String>> admins();

    /** For how long a session stays without being used, if the provider does not end it earlier. */
    @WithDefault("8H")
    Duration idle();
}
