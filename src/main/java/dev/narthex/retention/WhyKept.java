package dev.narthex.retention;

import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.path.Paths;
import dev.narthex.db.Database;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Explains why a cache keeps a path, by the same conditions as garbage collection. Walks from the path to its referrers, nearest
 * first, until it finds roots.
 */
@ApplicationScoped
public class WhyKept {
    /** Maximum number of referrers, direct or indirect, that are checked. */
    public static final int MAX_REASONS = 5000;

    private static final int SHOWN = 5;
    private static final int NAMED = 20;

    private static final String UP = referrersSql("p.hash_part = cast(:hash as char(32))");

    private static final String HELD = UP + """
            select p.id, p.hash_part, p.name, p.nar_id from (select id from up limit :most) u cross join lateral (
              select p.id, p.hash_part, p.name, p.nar_id from path p
              where p.cache_id = :cache and p.id = u.id and %s offset 0) p
            limit :shown""".formatted(GcRoots.HELD);

    private static final String TIMED = UP + """
            select p.id, p.hash_part, p.name, p.young, p.used, count(*) over () as n
            from (select id from up limit :most) u cross join lateral (
              select p.id, p.hash_part, p.name, p.pushed_at + make_interval(secs => :age) as young,
                cast(p.last_access + cast(:used as int) as timestamptz) as used
              from path p where p.cache_id = :cache and p.id = u.id offset 0) p
            order by greatest(p.young, p.used) desc, p.id limit 1""";

    private static final String PINS = """
            select i.path_id, i.name, i.reason, i.keep_until, i.created_at, i.created_by, p.hash_part, p.name as path_name
            from pin i join path p on p.id = i.path_id and p.cache_id = i.cache_id
            where i.cache_id = :cache and i.path_id = any(cast(:paths as bigint[]))
              and (i.keep_until is null or i.keep_until > now()) order by i.name collate "C" limit :named""";

    private static final String RELEASES = """
            select distinct s.nar_id, k.ecosystem, k.name, k.normalized, r.version, true as released
            from path s join artifact a on a.path_id = s.id and a.state = 'released' join release r on r.id = a.release_id
              join package k on k.id = r.package_id and k.cache_id = :cache
            where s.cache_id = :cache and s.nar_id = any(cast(:nars as bigint[])) and not (%s)
            order by k.ecosystem, k.normalized, r.version limit :named""".formatted(VersionRetentionRule.EXPIRED);

    private final Database sql;

    WhyKept(Database sql) {
        this.sql = sql;
    }

    /**
     * Returns the beginning of a query: {@code up} contains the ids of some paths of a cache and of all their direct and indirect
     * referrers. PostgreSQL evaluates iterations only as rows are requested, so a limit stops the walk, and rows are ordered by
     * distance. For {@code + 0} see {@link Paths#referrers}.
     *
     * @param which condition on a path {@code p}
     */
    static String referrersSql(String which) {
        return """
                with recursive up (id, base) as (
                  select p.id, (p.hash_part || '-' || p.name) collate "default" from path p
                  where p.cache_id = :cache and %s
                  union
                  select q.id, q.base from up u cross join lateral (
                    select q.id, (q.hash_part || '-' || q.name) collate "default" as base from path q
                    where q.cache_id + 0 = :cache and q.refs @> array[u.base] offset 0) q)
                """.formatted(which);
    }

    /**
     * The reasons for which a path is kept.
     *
     * @param roots the nearest pinned or released paths, possibly the path itself
     * @param timed if there are no roots, the referrer that is kept longest by its age or use
     * @param all whether all referrers were checked; false if there are {@link #MAX_REASONS} or more
     */
    public record KeepReasons(List<KeepRoot> roots, Optional<RetentionPeriods> timed, boolean complete) {
        public KeepReasons {
            roots = List.copyOf(roots);
        }

        /** Returns whether garbage collection would keep the path at this time; empty if not all referrers were checked. */
        public Optional<Boolean> keepsAt(Instant at) {
            if (!roots.isEmpty()
                    || timed.filter(periods -> periods.expiresAt().isAfter(at)).isPresent()) {
                return Optional.of(true);
            }
            return complete ? Optional.of(false) : Optional.empty();
        }
    }

    /** @param releases of which the path, or another path with the same bytes, is a file */
    public record KeepRoot(StorePath path, List<Pins.Pin> pins, List<PathRelease> releases) {
        public KeepRoot {
            pins = List.copyOf(pins);
            releases = List.copyOf(releases);
        }
    }

    /**
     * @param young end of the retention period after the push
     * @param used end of the retention period after the last use
     */
    public record RetentionPeriods(StorePath path, Instant young, Instant used) {
        public Instant expiresAt() {
            return young.isAfter(used) ? young : used;
        }
    }

    /**
     * Explains why a path is kept.
     *
     * @param rules retention policy of the cache
     */
    public KeepReasons of(long cacheId, String hashPart, Retention rules) {
        var values = new HashMap<>(rules.parameters());
        values.putAll(Map.of("cache", cacheId, "hash", hashPart, "most", MAX_REASONS, "shown", SHOWN));
        var roots = roots(cacheId, values);
        if (!roots.isEmpty()) {
            return new KeepReasons(roots, Optional.empty(), true);
        }
        var timed = sql.statement(TIMED).bindAll(values).first();
        return new KeepReasons(
                List.of(),
                timed.map(row -> new RetentionPeriods(
                        new StorePath(row.string("hash_part"), row.string("name")),
                        row.instant("young"),
                        row.instant("used"))),
                timed.map(row -> row.longValue("n") < MAX_REASONS).orElse(true));
    }

    private List<KeepRoot> roots(long cacheId, Map<String, Object> values) {
        var rows = sql.statement(HELD).bindAll(values).list();
        if (rows.isEmpty()) {
            return List.of();
        }
        var about = new HashMap<>(values);
        about.put("paths", rows.stream().map(row -> row.longValue("id")).toArray(Long[]::new));
        about.put("nars", rows.stream().map(row -> row.longValue("nar_id")).toArray(Long[]::new));
        about.put("named", SHOWN * NAMED);
        var pins = sql.statement(PINS).bindAll(about).list().stream()
                .collect(Collectors.groupingBy(
                        row -> row.longValue("path_id"), Collectors.mapping(Pins.Pin::of, Collectors.toList())));
        var releases = sql.statement(RELEASES).bindAll(about).list().stream()
                .collect(Collectors.groupingBy(
                        row -> row.longValue("nar_id"), Collectors.mapping(PathRelease::of, Collectors.toList())));
        return rows.stream()
                .map(row -> new KeepRoot(
                        new StorePath(row.string("hash_part"), row.string("name")),
                        pins.getOrDefault(row.longValue("id"), List.of()),
                        releases.getOrDefault(row.longValue("nar_id"), List.of())))
                .toList();
    }
}
