package dev.narthex.store.upkeep;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Schedule and speed of the verification of stored bytes. */
@ConfigMapping(prefix = "narthex.scrub")
public interface ScrubConfig {
    /** Every stored byte is read once in this many days. */
    @WithDefault("90")
    int days();

    /** The size of every pack is checked once in this many days. */
    @WithDefault("30")
    int sizeDays();

    /** Maximum read rate per second, for the whole instance. */
    @WithDefault("32M")
    MemorySize bytesPerSecond();
}
