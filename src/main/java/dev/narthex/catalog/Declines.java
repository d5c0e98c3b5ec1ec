package dev.narthex.catalog;

import dev.narthex.catalog.PackageEdits.Locked;
import dev.narthex.sql.Sql;
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
 * What somebody did not want of what was proposed. Locks as {@link Promotions} does. It is remembered for as long as the cache
 * is there, so that a build which is pushed every night need not be declined every morning.
 */
@ApplicationScoped
public class Declines {
    private static final String KIND = "release";

    /** Rows {@code d} of one release. */
    private static final String OF_RELEASE = """
            d.cache_id = :cache and d.ecosystem = :ecosystem and md5(d.normalised) = md5(:normalised)
              and md5(d.version) = md5(:version) and d.normalised = :normalised and d.version = :version""";

    private final Sql sql;
    private final Changes changes;
    private final ReleaseRows rows;
    private final Lead lead;

    Declines(Sql sql, Changes changes, ReleaseRows rows, Lead lead) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.lead = lead;
    }

    /**
     * What became of a release.
     *
     * @param paths hash parts of what was declined now; none if nothing was left to decline
     * @param gone whether nothing else was left of the release
     * @param leads hash part of the path that leads the release from now on, if another one did before
     */
    public record Declined(List<String> paths, boolean gone, Optional<String> leads) {
        public Declined {
            paths = List.copyOf(paths);
        }
    }

    /**
     * Takes proposed builds out of a release, and what else is proposed there with the same bytes. Recognition does not propose
     * them again; their store paths stay. A release without other builds goes.
     *
     * @param builds as in {@link BuildLine}; none for all
     * @return empty if there is no such release
     */
    @Transactional(TxType.MANDATORY)
    public Optional<Declined> decline(Locked of, String version, Set<String> builds, String by) {
        return rows.lockVersion(of, version).map(release -> decline(new One(of, version, release, builds), by));
    }

    private record One(Locked of, String version, long release, Set<String> builds) {
        Map<String, Object> key() {
            return Map.of(
                    "cache", of.cacheId(),
                    "ecosystem", of.ecosystem(),
                    "normalised", of.normalised(),
                    "version", version,
                    "release", release);
        }
    }

    private Declined decline(One one, String by) {
        long cache = one.of.cacheId();
        var before = lead.hashPart(cache, one.release);
        var paths = note(one, by);
        if (paths.isEmpty()) {
            return new Declined(paths, false, Optional.empty());
        }
        sql.change("""
                delete from artifact a where a.release_id = :release and a.state = 'proposed' and exists (
                  select from declined d join path s on s.id = a.path_id and s.cache_id = d.cache_id
                  where %s and d.sha256 = a.sha256 and (not d.whole or d.hash_part = s.hash_part))""".formatted(OF_RELEASE), one.key());
        boolean gone = rows.dropIfEmpty(one.release);
        if (!gone) {
            rows.judge(cache, one.release);
        }
        rows.chooseDefault(one.of.id());
        rows.dropPackageIfEmpty(one.of.id());
        changes.append(cache, KIND, Optional.of(one.of.id()), Optional.of(one.release), Optional.empty());
        var leads = gone ? Optional.<String>empty() : Optional.of(lead.hashPart(cache, one.release));
        return new Declined(paths, gone, leads.filter(now -> !now.equals(before)));
    }

    /** Returns the hash parts of what is proposed and is declined now. */
    private List<String> note(One one, String by) {
        var values = new HashMap<>(one.key());
        values.putAll(Map.of("package", one.of.id(), "builds", one.builds.toArray(String[]::new), "by", by));
        return sql.rows("""
                        insert into declined (cache_id, ecosystem, name, normalised, version, sha256, hash_part, whole, by)
                        select distinct on (x.sha256, s.hash_part) s.cache_id, :ecosystem, p.name, :normalised, :version,
                          x.sha256, s.hash_part, x.origin = 'path', nullif(:by, '')
                        from artifact x join path s on s.id = x.path_id and s.cache_id = :cache
                          join package p on p.id = :package
                        where x.release_id = :release and x.state = 'proposed' and exists (
                          select from artifact a where a.release_id = x.release_id and a.state = 'proposed'
                            and (cardinality(cast(:builds as text[])) = 0 or a.build = any(cast(:builds as char(32)[])))
                            and (a.id = x.id or (a.sha256 = x.sha256 and 'path' not in (a.origin, x.origin))))
                        on conflict (cache_id, ecosystem, md5(normalised), md5(version), sha256, hash_part)
                          do update set at = now(), by = excluded.by
                        returning cast(hash_part as text) as hash_part""", values).stream().map(row -> row.text("hash_part")).toList();
    }

    /**
     * Whether this was declined before: something of a release, or of one of its paths.
     *
     * @param hashPart empty for any
     */
    public boolean declined(
            long cacheId, String ecosystem, String normalised, String version, Optional<String> hashPart) {
        var values = Map.<String, Object>of(
                "cache",
                cacheId,
                "ecosystem",
                ecosystem,
                "normalised",
                normalised,
                "version",
                version,
                "path",
                hashPart.orElse(""));
        return sql.first(
                        "select true as yes from declined d where " + OF_RELEASE
                                + " and (:path = '' or d.hash_part = cast(:path as char(32))) limit 1",
                        values)
                .isPresent();
    }

    /** A release that a path is not listed as. */
    public record Unlisted(String ecosystem, String name, String version, Instant at) {}

    /** What was declined of this path. */
    public List<Unlisted> of(long cacheId, String hashPart) {
        return sql.rows("""
                        select d.ecosystem, d.name, d.version, d.at from declined d
                        where d.cache_id = :cache and d.hash_part = cast(:path as char(32))
                        order by d.ecosystem, d.name, d.version limit 100""", Map.of("cache", cacheId, "path", hashPart)).stream()
                .map(row -> new Unlisted(row.text("ecosystem"), row.text("name"), row.text("version"), row.time("at")))
                .toList();
    }
}
