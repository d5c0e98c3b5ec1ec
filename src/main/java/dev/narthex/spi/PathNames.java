package dev.narthex.spi;

import java.util.List;

/** Finds the files in a store path that people search for by name. */
public interface PathNames {
    /**
     * Lists paths of commands, manual pages, desktop entries and modules inside the store path, without a leading slash. Bounded;
     * empty if the root is a file or the NAR is missing.
     *
     * @param narId id of the NAR in the store
     */
    List<String> list(long narId);
}
