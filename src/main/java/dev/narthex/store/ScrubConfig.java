package dev.narthex.store;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How often stored bytes are looked at, and how fast. */
@ConfigMapping(prefix = "narthex.scrub")
public interface ScrubConfig {
    /** In so many days every stored byte is read once. */
    @WithDefault("90")
    int days();

    /** In so many days the size of every pack is looked at once. */
    @WithDefault("30")
    int sizeDays();

    /** The most that is read in a second, in the whole instance. */
    @WithDefault("32M")
    MemorySize bytesPerSecond();
}
