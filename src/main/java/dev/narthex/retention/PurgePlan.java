package dev.narthex.retention;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.db.Database;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Determines which objects a purge of a path must delete, and which ones prevent it. */
@ApplicationScoped
public class PurgePlan {
    private static final int NAMED = 100;

    private final Database sql;
    private final PathSweeper sweeper;
    private final DerivedFileRepository derived;

    PurgePlan(Database sql, PathSweeper sweeper, DerivedFileRepository derived) {
        this.sql = sql;
        this.sweeper = sweeper;
        this.derived = derived;
    }

    /** A path to delete. */
    public record Target(long id, StorePath path, long narId) {}

    /** A release of which an artifact would be deleted. */
    public record PurgedRelease(String ecosystem, String normalized, String version) {
        @Override
        public String toString() {
            return ecosystem + " " + normalized + "@" + version;
        }
    }

    /**
     * The objects that a purge affects.
     *
     * @param targets paths to delete: all store paths of the same NAR, the files derived from them, and their referrers if
     *     requested
     * @param referrers the first referrers outside the targets
     * @param releases the first released versions that have an artifact in a target
     * @param pins names of the first pins of targets
     */
    public record Plan(
            List<Target> targets, List<StorePath> referrers, List<PurgedRelease> releases, List<String> pins) {
        public Plan {
            targets = List.copyOf(targets);
            referrers = List.copyOf(referrers);
            releases = List.copyOf(releases);
            pins = List.copyOf(pins);
        }
    }

    /**
     * Creates a plan.
     *
     * @param withReferrers whether direct and indirect referrers are deleted too
     * @param limit maximum number of targets; a larger plan contains {@code limit + 1}, so that callers can reject it
     */
    public Plan of(PathInfo path, boolean withReferrers, int limit) {
        long cacheId = path.cacheId();
        var ids = new HashSet<>(pathsWithSameNars(cacheId, Set.of(path.id()), limit));
        var made = derived.listMadeFrom(cacheId, List.of(path.narHash()));
        ids.addAll(pathsWithSameNars(cacheId, byHash(cacheId, made), limit));
        if (withReferrers) {
            for (long id : Set.copyOf(ids)) {
                ids.addAll(sweeper.withReferrers(cacheId, id, limit + 1));
            }
        }
        var parameters = Map.<String, Object>of("cache", cacheId, "ids", ids.toArray(Long[]::new), "limit", limit + 1);
        return new Plan(targets(parameters), referrers(parameters), releases(parameters), pins(parameters));
    }

    /** Returns all paths with the same NARs as these. */
    private Set<Long> pathsWithSameNars(long cacheId, Collection<Long> ids, int limit) {
        return sql
                .statement("""
                        select p.id from path p where p.cache_id = :cache and p.nar_id in (
                          select o.nar_id from path o where o.cache_id = :cache and o.id = any(cast(:ids as bigint[])))
                        order by p.id limit :limit""")
                .bind("cache", cacheId)
                .bind("ids", ids.toArray(Long[]::new))
                .bind("limit", limit + 1)
                .list()
                .stream()
                .map(row -> row.longValue("id"))
                .collect(Collectors.toSet());
    }

    private Set<Long> byHash(long cacheId, List<String> hashes) {
        return sql.statement("""
                        select p.id from path p
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[]))""").bind("cache", cacheId).bind("hashes", hashes.toArray(String[]::new)).list().stream()
                .map(row -> row.longValue("id"))
                .collect(Collectors.toSet());
    }

    private List<Target> targets(Map<String, Object> parameters) {
        return sql.statement("""
                        select p.id, p.hash_part, p.name, p.nar_id from path p
                        where p.cache_id = :cache and p.id = any(cast(:ids as bigint[])) order by p.id limit :limit""")
                .bindAll(parameters)
                .list(row -> new Target(
                        row.longValue("id"),
                        new StorePath(row.string("hash_part"), row.string("name")),
                        row.longValue("nar_id")));
    }

    private List<StorePath> referrers(Map<String, Object> parameters) {
        return sql.statement("""
                        select distinct q.hash_part, q.name from (select q.hash_part, q.name from path q
                          where q.cache_id + 0 = :cache and q.id <> all(cast(:ids as bigint[])) and q.refs && array(
                            select (p.hash_part || '-' || p.name) collate "default" from path p
                            where p.cache_id = :cache and p.id = any(cast(:ids as bigint[]))) offset 0) q
                        order by q.name, q.hash_part limit %d""".formatted(NAMED))
                .bindAll(parameters)
                .list(row -> new StorePath(row.string("hash_part"), row.string("name")));
    }

    private List<PurgedRelease> releases(Map<String, Object> parameters) {
        return sql.statement("""
                        select distinct k.ecosystem, k.normalized, r.version from path p join artifact a on a.path_id = p.id
                          join release r on r.id = a.release_id and r.state = 'released'
                          join package k on k.id = r.package_id
                        where p.cache_id = :cache and p.id = any(cast(:ids as bigint[]))
                        order by k.ecosystem, k.normalized, r.version limit :limit""")
                .bindAll(parameters)
                .list(row ->
                        new PurgedRelease(row.string("ecosystem"), row.string("normalized"), row.string("version")));
    }

    private List<String> pins(Map<String, Object> parameters) {
        return sql.statement("""
                        select i.name from pin i
                        where i.cache_id = :cache and i.path_id = any(cast(:ids as bigint[])) order by i.name limit :limit""").bindAll(parameters).list(row -> row.string("name"));
    }
}
