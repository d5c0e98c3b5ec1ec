package dev.narthex.store.pack;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits and durations of the store. */
@ConfigMapping(prefix = "narthex.nar")
public interface StoreConfig {
    /** Maximum size of an uncompressed NAR. */
    @WithDefault("64G")
    MemorySize maxSize();

    /** Maximum number of files, directories and links in a NAR. */
    @WithDefault("1000000")
    long maxEntries();

    /** Maximum memory for the listing of one NAR during its upload; the default is enough for about 700,000 files. */
    @WithDefault("128M")
    MemorySize maxListing();

    /** Maximum size of a pack. A larger NAR continues in another pack, so that retrying a failed write costs little. */
    @WithDefault("2G")
    MemorySize packSize();

    /** How long a pack that is being written is protected from collection after the last sign of its writer. */
    @WithDefault("15M")
    Duration lease();

    /** How long a pack is kept after it lost its last reference. Must exceed the longest response and the lag of any replica. */
    @WithDefault("24H")
    Duration grace();
}
