package dev.narthex.vault;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How other binary caches are asked. */
@ConfigMapping(prefix = "narthex.import")
interface VaultConfig {
    /** Whether whoever may import may name sources in private networks. {@code deploy/run import} may in any case. */
    @WithDefault("false")
    boolean privateAddresses();

    /** A file of credentials for sources, as curl and nix read it: {@code machine HOST login NAME password SECRET}. */
    Optional<Path> netrc();

    /** Requests to a source at once. */
    @WithDefault("8")
    int connections();

    /** How long a source may say nothing, or next to nothing, before the request is given up. */
    @WithDefault("60s")
    Duration stalledAfter();

    /** How often something is tried that may work another time; the waits between double, from half a second. */
    @WithDefault("5")
    int attempts();
}
