package dev.narthex.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Settings of trusted publishing: exchanging ID tokens of CI runs for publish tokens. */
@ConfigMapping(prefix = "narthex.trusted-publishing")
interface TrustedPublishingConfig {
    /** Trusted OpenID Connect issuers, such as a forge's CI. Cache owners choose among them; ID tokens of others are rejected. */
    Optional<List<String>> issuers();

    /** Lifetime of the tokens that CI runs get. */
    @WithDefault("15M")
    Duration life();

    /** Timeout for requests to an issuer. */
    @WithDefault("3S")
    Duration patience();

    /** Maximum number of exchanges per minute and address. */
    @WithDefault("120")
    int perMinute();
}
