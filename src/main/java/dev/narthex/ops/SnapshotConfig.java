package dev.narthex.ops;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Snapshots of the database, which lie in the store. */
@ConfigMapping(prefix = "narthex.snapshot")
public interface SnapshotConfig {
    /** Commands, which read no configuration, go by the default; the next night goes by what is set. */
    int KEEP_DAYS = 7;

    /** Whether one is taken each night. */
    @WithDefault("true")
    boolean nightly();

    /** Of how many days the last one is kept. Until then the store keeps what they name. */
    @WithDefault("" + KEEP_DAYS)
    int keepDays();
}
