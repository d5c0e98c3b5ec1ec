package dev.narthex.vault.imports;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings of imports from other binary caches. */
@ConfigMapping(prefix = "narthex.import")
public interface VaultConfig {
    /** Whether sources in private networks are allowed. {@code deploy/run import} always allows them. */
    @WithDefault("false")
    boolean privateAddresses();

    /** Credentials for sources, as curl and nix read them: {@code machine HOST login NAME password SECRET}. */
    Optional<Path> netrc();

    /** Maximum number of concurrent requests to a source. */
    @WithDefault("8")
    int connections();

    /** Timeout for a source that sends nothing, or almost nothing. */
    @WithDefault("60s")
    Duration stalledAfter();

    /** Maximum number of attempts after temporary failures; the delay doubles from half a second. */
    @WithDefault("5")
    int attempts();
}
