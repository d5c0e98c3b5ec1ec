package dev.narthex.spi;

import java.util.List;

/** What a store path holds that people look for by name. */
public interface Contents {
    /**
     * Paths inside the store path, without a leading slash: commands, manual pages, desktop entries, modules. Bounded; empty
     * for a path that the cache does not have.
     *
     * @param hashPart 32 characters
     */
    List<String> named(long cacheId, String hashPart);
}
