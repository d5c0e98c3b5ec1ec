package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.PackageEditRepository.LockedPackageRef;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Records proposed builds that a maintainer declined. Uses the same locks as {@link Promotions}. Records are kept as long as the
 * cache, so that a nightly build needs to be declined only once.
 */
@ApplicationScoped
public class DeclinedReleases {
    private static final String KIND = "release";

    /** Condition on rows {@code d} of one release. */
    private static final String OF_RELEASE = """
            d.cache_id = :cache and d.ecosystem = :ecosystem and md5(d.normalized) = md5(:normalized)
              and md5(d.version) = md5(:version) and d.normalized = :normalized and d.version = :version""";

    private final Database sql;
    private final ChangeLog changes;
    private final ReleaseRows rows;
    private final PrimaryArtifact lead;

    DeclinedReleases(Database sql, ChangeLog changes, ReleaseRows rows, PrimaryArtifact primaryArtifact) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.lead = primaryArtifact;
    }

    /**
     * Result of declining.
     *
     * @param paths hash parts of the store paths whose artifacts were declined; empty if nothing was proposed
     * @param gone whether the release had no other artifacts and was deleted
     * @param leads hash part of the path of the new primary artifact, if it changed
     */
    public record DeclineResult(List<String> paths, boolean gone, Optional<String> leads) {
        public DeclineResult {
            paths = List.copyOf(paths);
        }
    }

    /**
     * Removes proposed builds from a release, and other proposed artifacts with the same bytes. Recognition does not propose them
     * again; their store paths stay. A release without other artifacts is deleted.
     *
     * @param builds as in {@link BuildArtifact}; empty for all
     * @return empty if the release does not exist
     */
    @Transactional(TxType.MANDATORY)
    public Optional<DeclineResult> decline(
            LockedPackageRef lockedPackage, String version, Set<String> builds, String by) {
        return rows.lockVersion(lockedPackage, version)
                .map(release -> decline(new ProposedBuilds(lockedPackage, version, release, builds), by));
    }

    private record ProposedBuilds(LockedPackageRef packageRef, String version, long release, Set<String> builds) {
        Map<String, Object> key() {
            return Map.of(
                    "cache", packageRef.cacheId(),
                    "ecosystem", packageRef.ecosystem(),
                    "normalized", packageRef.normalized(),
                    "version", version,
                    "release", release);
        }
    }

    private DeclineResult decline(ProposedBuilds builds, String by) {
        long cache = builds.packageRef.cacheId();
        var before = lead.hashPart(cache, builds.release);
        var paths = note(builds, by);
        if (paths.isEmpty()) {
            return new DeclineResult(paths, false, Optional.empty());
        }
        sql.statement("""
                delete from artifact a where a.release_id = :release and a.state = 'proposed' and exists (
                  select from declined d join path s on s.id = a.path_id and s.cache_id = d.cache_id
                  where %s and d.sha256 = a.sha256 and (not d.whole or d.hash_part = s.hash_part))""".formatted(OF_RELEASE)).bindAll(builds.key()).update();
        boolean gone = rows.dropIfEmpty(builds.release);
        if (!gone) {
            rows.updateState(cache, builds.release);
        }
        rows.chooseDefault(builds.packageRef.id());
        rows.dropPackageIfEmpty(builds.packageRef.id());
        changes.append(cache, KIND, Optional.of(builds.packageRef.id()), Optional.of(builds.release), Optional.empty());
        var leads = gone ? Optional.<String>empty() : Optional.of(lead.hashPart(cache, builds.release));
        return new DeclineResult(paths, gone, leads.filter(now -> !now.equals(before)));
    }

    /** Records the declined artifacts and returns the hash parts of their paths. */
    private List<String> note(ProposedBuilds builds, String by) {
        var values = new HashMap<>(builds.key());
        values.putAll(
                Map.of("package", builds.packageRef.id(), "builds", builds.builds.toArray(String[]::new), "by", by));
        return sql.statement("""
                        insert into declined (cache_id, ecosystem, name, normalized, version, sha256, hash_part, whole, by)
                        select distinct on (x.sha256, s.hash_part) s.cache_id, :ecosystem, p.name, :normalized, :version,
                          x.sha256, s.hash_part, x.origin = 'path', nullif(:by, '')
                        from artifact x join path s on s.id = x.path_id and s.cache_id = :cache
                          join package p on p.id = :package
                        where x.release_id = :release and x.state = 'proposed' and exists (
                          select from artifact a where a.release_id = x.release_id and a.state = 'proposed'
                            and (cardinality(cast(:builds as text[])) = 0 or a.build = any(cast(:builds as char(32)[])))
                            and (a.id = x.id or (a.sha256 = x.sha256 and 'path' not in (a.origin, x.origin))))
                        on conflict (cache_id, ecosystem, md5(normalized), md5(version), sha256, hash_part)
                          do update set at = now(), by = excluded.by
                        returning cast(hash_part as text) as hash_part""").bindAll(values).list(row -> row.string("hash_part"));
    }

    /**
     * Returns whether any artifact of a release, or of one of its paths, was declined.
     *
     * @param hashPart empty for any path
     */
    public boolean isDeclined(
            long cacheId, String ecosystem, String normalized, String version, Optional<String> hashPart) {
        var values = Map.<String, Object>of(
                "cache",
                cacheId,
                "ecosystem",
                ecosystem,
                "normalized",
                normalized,
                "version",
                version,
                "path",
                hashPart.orElse(""));
        return sql.statement("select true as yes from declined d where " + OF_RELEASE
                        + " and (:path = '' or d.hash_part = cast(:path as char(32))) limit 1")
                .bindAll(values)
                .first()
                .isPresent();
    }

    /** A release that was declined for a store path. */
    public record UnlistedRelease(String ecosystem, String name, String version, Instant at) {}

    /** Returns the releases that were declined for this path. */
    public List<UnlistedRelease> of(long cacheId, String hashPart) {
        return sql.statement("""
                        select d.ecosystem, d.name, d.version, d.at from declined d
                        where d.cache_id = :cache and d.hash_part = cast(:path as char(32))
                        order by d.ecosystem, d.name, d.version limit 100""")
                .bind("cache", cacheId)
                .bind("path", hashPart)
                .list(row -> new UnlistedRelease(
                        row.string("ecosystem"), row.string("name"), row.string("version"), row.instant("at")));
    }
}
