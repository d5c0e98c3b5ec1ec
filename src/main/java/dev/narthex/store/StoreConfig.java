package dev.narthex.store;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits and periods of the store. */
@ConfigMapping(prefix = "narthex.nar")
public interface StoreConfig {
    /** The largest NAR, uncompressed. */
    @WithDefault("64G")
    MemorySize maxSize();

    /** The most files, directories and links in a NAR. */
    @WithDefault("1000000")
    long maxEntries();

    /** The most memory that the listing of one NAR may take while it is pushed: about 700,000 files. */
    @WithDefault("128M")
    MemorySize maxListing();

    /** Compressed bytes after which a NAR goes on in another pack, so that a retry costs little. */
    @WithDefault("2G")
    MemorySize packSize();

    /** How long a pack being written is safe from collection without a sign of its writer. */
    @WithDefault("15M")
    Duration lease();

    /** How long a pack stays after its last reference is gone: above the longest answer and the lag of any replica. */
    @WithDefault("24H")
    Duration grace();
}
