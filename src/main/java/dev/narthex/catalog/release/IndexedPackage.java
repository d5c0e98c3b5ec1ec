package dev.narthex.catalog.release;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The data of a package that search needs, mainly of its default release. Texts are untrusted and truncated.
 *
 * @param id of the package
 * @param version the default release, which also has the following data
 * @param readme as written by the publisher; empty if not recorded
 * @param inside paths of files that users search for, if the recognizer recorded them
 * @param updated publication date of the default release
 * @param dependents number of packages in the cache that depend on it
 * @param downloads in the last 30 days
 * @param standing whether at least one release is not withdrawn
 * @param systems that have builds; empty if the package is platform-independent
 * @param alsoIn ids of other ecosystems in which the same project is available
 * @param narId of the primary artifact's store path, if the artifact is the whole path
 * @param refs hash parts of the references of that path, without itself
 * @param derivation whether the cache has the derivation of that path
 * @param builder whether a builder that this cache knows signed that path
 */
public record IndexedPackage(
        long id,
        long cacheId,
        String ecosystem,
        String name,
        String normalized,
        String version,
        String summary,
        String licence,
        List<String> keywords,
        String readme,
        List<String> inside,
        Instant updated,
        long dependents,
        long downloads,
        boolean standing,
        List<String> systems,
        List<String> alsoIn,
        Optional<Long> narId,
        List<String> refs,
        boolean derivation,
        boolean builder) {
    public IndexedPackage {
        keywords = List.copyOf(keywords);
        inside = List.copyOf(inside);
        systems = List.copyOf(systems);
        alsoIn = List.copyOf(alsoIn);
        refs = List.copyOf(refs);
    }
}
