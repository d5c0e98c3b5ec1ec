package dev.narthex.spi;

import dev.narthex.content.Content;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One cache, as far as the caller may read it. Only released artifacts are found here. */
public interface Registry {
    Cache cache();

    /** Public base address of this instance, without a trailing slash. */
    String baseUrl();

    /**
     * A package with its released releases. Names its files to a client, so their bytes are promised from here on: of each
     * file name the one artifact that clients get.
     */
    Optional<PackageView> find(String ecosystem, String normalised);

    /** Display names in byte order of the normalised name, at most {@code limit}, after a normalised name. */
    List<PackageName> names(String ecosystem, String after, int limit);

    /** Name search over released packages. */
    List<PackageView> search(String ecosystem, String text, int from, int size);

    /** The artifact that this file name of a package stands for. */
    Optional<Artifact> file(String ecosystem, String normalised, String filename);

    Content open(Artifact artifact) throws IOException;

    /** Grows with every change of what this cache serves: the validator of prepared answers. */
    String revision();

    record PackageName(String name, String normalised) {}
}
