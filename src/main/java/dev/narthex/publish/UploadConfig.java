package dev.narthex.publish;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Limits of what comes through registries. */
@ConfigMapping(prefix = "narthex.file")
public interface UploadConfig {
    /** The largest file of a package, as it is fetched. */
    @WithDefault("1G")
    MemorySize maxSize();
}
