package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.spi.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Records packages, releases and their artifacts. All operations are idempotent.
 *
 * <p>Lock order, here and in {@link Promises}: package, release, artifacts. A transaction that changes the artifacts of a package
 * locks the package, so that concurrent recognitions agree on the served artifacts and the newest version.
 */
@ApplicationScoped
public class Releases {
    private static final String KIND = "release";

    /** Proposed artifacts of some paths. */
    private static final String PROPOSED = """
            from artifact a join release r on r.id = a.release_id join path p on p.id = a.path_id and p.cache_id = :cache
            where a.path_id = any(cast(:paths as bigint[])) and a.state = 'proposed'
            """;

    /** Artifacts of a path that an earlier recognition created and the latest one did not find, except promised ones. */
    private static final String STALE = """
            from artifact a join release r on r.id = a.release_id join path p on p.id = a.path_id and p.cache_id = :cache
            where a.path_id = :path and a.promised_at is null and a.origin in ('exact', 'path', 'derived')
              and a.id <> all(cast(:keep as bigint[]))
            """;

    private final Database sql;
    private final ChangeLog changes;
    private final ReleaseRows rows;
    private final ArtifactRows artifacts;
    private final PrimaryArtifact lead;
    private final Promises promises;

    Releases(
            Database sql,
            ChangeLog changes,
            ReleaseRows rows,
            ArtifactRows artifacts,
            PrimaryArtifact primaryArtifact,
            Promises promises) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.artifacts = artifacts;
        this.lead = primaryArtifact;
        this.promises = promises;
    }

    /**
     * Records a release that a recognizer found in a path.
     *
     * <p>A release that a person deleted is only proposed, and so is a file whose name is promised for other bytes. Artifacts
     * that a person declined are not recorded. Facts and dependencies change only if the path has the primary artifact, see
     * {@link PrimaryArtifact}.
     *
     * @return ids of the artifacts of this path, for {@link #deleteStaleArtifacts}
     */
    @Transactional(TxType.MANDATORY)
    public Set<Long> record(Cache cache, String ecosystem, RecognizedRelease recognized) {
        long packageId = rows.lockPackage(cache.id(), ecosystem, recognized).id();
        var release = rows.lockRelease(packageId, recognized);
        long releaseId = release.id();
        var tombstones = rows.tombstones(cache.id(), ecosystem, recognized);
        var upserted = artifacts.upsert(releaseId, recognized, tombstones, false);
        if (upserted.ids().isEmpty()) {
            if (rows.dropIfEmpty(releaseId)) {
                rows.dropPackageIfEmpty(packageId);
            }
            return upserted.ids();
        }
        boolean changed = upserted.changed();
        changed |= lead.update(cache.id(), ecosystem, release, recognized, upserted.ids());
        changed |= rows.updateState(cache.id(), releaseId);
        if (changed) {
            rows.chooseDefault(packageId);
            changes.append(
                    cache.id(),
                    KIND,
                    Optional.of(packageId),
                    Optional.of(releaseId),
                    Optional.of(recognized.path().path().hash()));
        }
        return upserted.ids();
    }

    /**
     * Deletes artifacts that an earlier recognition of this path found and the latest did not, except promised ones. Deletes
     * releases without artifacts, and packages without releases.
     *
     * @param artifactIdsToKeep all ids that {@link #record} returned for this path, in all ecosystems
     * @return hash parts of the paths of the new primary artifacts: until they are recognized again, the facts of their releases
     *     may still come from this path
     */
    @Transactional(TxType.MANDATORY)
    public Set<String> deleteStaleArtifacts(long cacheId, long pathId, Set<Long> artifactIdsToKeep) {
        return deleteReleases(
                cacheId,
                STALE,
                Map.of("cache", cacheId, "path", pathId, "keep", artifactIdsToKeep.toArray(Long[]::new)));
    }

    /**
     * Locks the packages that have proposed artifacts in these paths, until the transaction ends. Call before locking the paths.
     */
    @Transactional(TxType.MANDATORY)
    public void lockProposed(long cacheId, Collection<Long> pathIds) {
        var packageIds = packages(PROPOSED, proposed(cacheId, pathIds));
        if (!packageIds.isEmpty()) {
            rows.lockPackages(cacheId, packageIds);
        }
    }

    private static Map<String, Object> proposed(long cacheId, Collection<Long> pathIds) {
        return Map.of("cache", cacheId, "paths", pathIds.toArray(Long[]::new));
    }

    private List<Long> packages(String which, Map<String, Object> values) {
        return sql.statement("select distinct r.package_id " + which)
                .bindAll(values)
                .list(row -> row.longValue("package_id"));
    }

    /** Deletes the proposed artifacts of paths that are about to be deleted. */
    @Transactional(TxType.MANDATORY)
    public void dropProposed(long cacheId, Collection<Long> pathIds) {
        deleteReleases(cacheId, PROPOSED, proposed(cacheId, pathIds));
    }

    private Set<String> deleteReleases(long cacheId, String which, Map<String, Object> values) {
        var packageIds = packages(which, values);
        if (packageIds.isEmpty()) {
            return Set.of();
        }
        rows.lockPackages(cacheId, packageIds);
        var stale = sql.statement("select a.id, a.release_id, r.package_id " + which
                        + " order by r.id, a.id for no key update of r")
                .bindAll(values)
                .list();
        stale.forEach(row -> artifacts.delete(row.longValue("id")));
        var leads = new TreeSet<String>();
        for (var row : new LinkedHashSet<>(stale.stream().map(Releases::toIds).toList())) {
            if (!rows.dropIfEmpty(row.releaseId())) {
                rows.updateState(cacheId, row.releaseId());
                leads.add(lead.hashPart(cacheId, row.releaseId()));
            }
            rows.chooseDefault(row.packageId());
            rows.dropPackageIfEmpty(row.packageId());
            changes.append(cacheId, KIND, Optional.of(row.packageId()), Optional.of(row.releaseId()), Optional.empty());
        }
        return leads;
    }

    private record ReleaseIds(long packageId, long releaseId) {}

    private static ReleaseIds toIds(Row row) {
        return new ReleaseIds(row.longValue("package_id"), row.longValue("release_id"));
    }

    /**
     * Promises the bytes of artifacts whose digests a client has received or will receive. Runs in its own transaction; costs one
     * query if all are promised already.
     *
     * @return false if another artifact is now served under one of the file names, or one is no longer released; the caller must
     *     then read the release again
     */
    public boolean promise(Collection<Long> artifactIds) {
        return artifactIds.isEmpty() || promises.keep(List.copyOf(artifactIds));
    }
}
