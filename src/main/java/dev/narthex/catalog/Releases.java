package dev.narthex.catalog;

import dev.narthex.spi.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes packages, releases and their artifacts. All of it can be done again: recording what is recorded changes nothing.
 *
 * <p>Order of locks, here and in {@link Promises}: release, then artifacts. Recording locks the release before it looks at
 * its artifacts, so that two paths of one release that are recognised at the same time agree on which one is served.
 */
@ApplicationScoped
public class Releases {
    private final Sql sql;
    private final Changes changes;
    private final ReleaseRows rows;
    private final ArtifactRows artifacts;
    private final Lead lead;
    private final Promises promises;

    Releases(Sql sql, Changes changes, ReleaseRows rows, ArtifactRows artifacts, Lead lead, Promises promises) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.artifacts = artifacts;
        this.lead = lead;
        this.promises = promises;
    }

    /**
     * Records what a recogniser found in a path.
     *
     * <p>A release that a person deleted is only proposed again, and so is a file whose name was promised for other bytes.
     * Facts and dependencies are those of the artifact that leads the release, see {@link Lead}.
     *
     * @return ids of the artifacts of this path, for {@link #forget}
     */
    @Transactional(TxType.MANDATORY)
    public Set<Long> record(Cache cache, String ecosystem, Recorded recorded) {
        long packageId = rows.packageOf(cache.id(), ecosystem, recorded);
        long releaseId = rows.lock(packageId, recorded);
        var tombstones = rows.tombstones(cache.id(), ecosystem, recorded);
        var kept = artifacts.upsert(releaseId, recorded, tombstones);
        boolean changed = kept.changed();
        changed |= lead.follow(cache.id(), ecosystem, releaseId, recorded, kept.ids());
        changed |= rows.judge(cache.id(), releaseId);
        if (changed) {
            changes.append(
                    cache.id(),
                    "release",
                    Optional.of(packageId),
                    Optional.of(releaseId),
                    Optional.of(recorded.path().path().hash()));
        }
        return kept.ids();
    }

    /**
     * Takes back what an earlier recognition of this path found and the latest did not. What was promised stays. A release
     * without artifacts goes, and so does its package if nothing is left of it.
     *
     * @param artifactIdsToKeep what {@link #record} returned for this path, of all ecosystems
     */
    @Transactional(TxType.MANDATORY)
    public void forget(long cacheId, long pathId, Set<Long> artifactIdsToKeep) {
        var stale =
                sql.rows("""
                select a.id, a.release_id, r.package_id from artifact a join release r on r.id = a.release_id
                  join path p on p.id = a.path_id and p.cache_id = :cache
                where a.path_id = :path and a.promised_at is null and a.origin in ('exact', 'path', 'derived')
                  and a.id <> all(cast(:keep as bigint[]))
                order by r.id for no key update of r""", Map.of("cache", cacheId, "path", pathId, "keep", artifactIdsToKeep.toArray(Long[]::new)));
        for (var row : stale) {
            forget(cacheId, row.number("id"), row.number("release_id"), row.number("package_id"));
        }
    }

    private void forget(long cacheId, long artifactId, long releaseId, long packageId) {
        int gone = sql.change("delete from artifact where id = :id and promised_at is null", Map.of("id", artifactId));
        if (gone == 0) {
            return;
        }
        if (!rows.dropIfEmpty(releaseId, packageId)) {
            rows.judge(cacheId, releaseId);
        }
        changes.append(cacheId, "release", Optional.of(packageId), Optional.of(releaseId), Optional.empty());
    }

    /**
     * Promises the bytes of these artifacts: a client was, or is about to be, told their digests. Its own transaction; costs
     * one read if all are promised already.
     *
     * @return whether all of them are promised now; otherwise another artifact stands for one of these file names, or one is
     *     no longer released, and the caller reads again
     */
    public boolean promise(Collection<Long> artifactIds) {
        return artifactIds.isEmpty() || promises.keep(List.copyOf(artifactIds));
    }
}
