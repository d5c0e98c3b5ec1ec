package dev.narthex.publish.registry;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of uploads through registries. */
@ConfigMapping(prefix = "narthex.file")
public interface UploadConfig {
    /** Maximum size of a package file. */
    @WithDefault("1G")
    MemorySize maxSize();
}
