package dev.narthex.ops.snapshot;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of database snapshots, which are kept in the store. */
@ConfigMapping(prefix = "narthex.snapshot")
public interface SnapshotConfig {
    /** Default, also used by commands, which do not read the configuration. The next nightly run applies the configured value. */
    int KEEP_DAYS = 7;

    /** Whether to take a snapshot each night. */
    @WithDefault("true")
    boolean nightly();

    /** Number of days for which the last snapshot of the day is kept. Until then the store keeps all packs that it references. */
    @WithDefault("" + KEEP_DAYS)
    int keepDays();
}
