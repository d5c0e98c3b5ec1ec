package dev.narthex.search;

import java.time.Instant;
import java.util.List;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.FieldProjection;
import org.hibernate.search.mapper.pojo.mapping.definition.annotation.ProjectionConstructor;

/**
 * A search hit, with the data from when the package was indexed.
 *
 * @param cacheId of a cache that the reader may see
 * @param version the default release; summary, licence and date are of this release
 * @param downloads in 30 days; may be a day old
 * @param alsoIn ids of other ecosystems in which the same project is available
 */
public record SearchHit(
        long cacheId,
        String ecosystem,
        String name,
        String normalized,
        String version,
        String summary,
        String licence,
        Instant updated,
        long dependents,
        long downloads,
        List<String> alsoIn) {
    @ProjectionConstructor
    public SearchHit(
            @FieldProjection(path = "cache") Long cacheId,
            @FieldProjection(path = "ecosystem") String ecosystem,
            @FieldProjection(path = "name") String name,
            @FieldProjection(path = "normalized") String normalized,
            @FieldProjection(path = "version") String version,
            @FieldProjection(path = "shownSummary") String summary,
            @FieldProjection(path = "license") String licence,
            @FieldProjection(path = "updated") Instant updated,
            @FieldProjection(path = "dependents") Long dependents,
            @FieldProjection(path = "downloads") Long downloads,
            @FieldProjection(path = "alsoIn") List<String> alsoIn) {
        this(
                cacheId.longValue(),
                ecosystem,
                name,
                normalized,
                version,
                summary,
                licence,
                updated,
                dependents.longValue(),
                downloads.longValue(),
                alsoIn);
    }

    public SearchHit {
        alsoIn = List.copyOf(alsoIn);
    }
}
