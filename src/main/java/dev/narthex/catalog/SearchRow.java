package dev.narthex.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a search knows of a package: its default release and how it stands. Texts are untrusted and cut to a bound.
 *
 * @param id of the package
 * @param version of the release that the package's page shows first; the same for what follows
 * @param readme as its publisher wrote it, empty if not recorded
 * @param inside paths of files that people look for, as far as its recogniser told
 * @param updated when that release was published
 * @param dependents packages of the cache that declare it
 * @param downloads in thirty days
 * @param standing whether some release was not withdrawn
 * @param systems for which there are builds; empty for what runs anywhere
 * @param alsoIn ids of other ecosystems that have the same project
 * @param narId of the store path that leads the release, if the release is the path as a whole and not a file
 * @param refs hash parts of what that path refers to, itself left out
 * @param derivation whether the cache has the derivation of the leading path
 * @param builder whether a builder that this cache knows signed that path
 */
public record SearchRow(
        long id,
        long cacheId,
        String ecosystem,
        String name,
        String normalised,
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
    public SearchRow {
        keywords = List.copyOf(keywords);
        inside = List.copyOf(inside);
        systems = List.copyOf(systems);
        alsoIn = List.copyOf(alsoIn);
        refs = List.copyOf(refs);
    }
}
