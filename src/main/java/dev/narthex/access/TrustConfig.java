package dev.narthex.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Whose ID tokens are taken from CI runs. */
@ConfigMapping(prefix = "narthex.trusted-publishing")
interface TrustConfig {
    /** OpenID Connect issuers, such as that of a forge for its CI. Owners of caches choose among them; nobody else's tokens are read. */
    Optional<List<String>> issuers();

    /** How long a token lives that a run gets. */
    @WithDefault("15M")
    Duration life();

    /** How long an issuer may take to answer. */
    @WithDefault("3S")
    Duration patience();

    /** So many exchanges may be asked for in a minute from one address. */
    @WithDefault("120")
    int perMinute();
}
