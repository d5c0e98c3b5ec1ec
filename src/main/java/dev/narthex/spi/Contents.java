package dev.narthex.spi;

import java.util.List;

/** What a store path holds that people look for by name. */
public interface Contents {
    /**
     * Paths inside the store path, without a leading slash: commands, manual pages, desktop entries, modules. Bounded; empty
     * for a file, and for a NAR that is not there.
     *
     * @param narId by which the store knows the bytes
     */
    List<String> named(long narId);
}
