package dev.narthex.catalog.path;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Computes closures with one recursive query. UNION removes duplicates, so cycles terminate and each path is read once.
 * {@code offset 0} prevents the planner from joining the whole table in each iteration. The {@code limit} around the walk stops
 * it, because PostgreSQL evaluates iterations only as rows are requested.
 */
@ApplicationScoped
public class ClosureWalk {
    /** Maximum number of paths; a NixOS system has about 2,000. */
    private static final int MAX_PATHS = 20_000;

    private static final String WALK = """
            with recursive walk (hash_part) as (
              %s
              union
              select cast(left(r.ref, 32) as char(32)) collate "C" from walk w cross join lateral (
                select p.refs from path p where p.cache_id = :cache and p.hash_part = w.hash_part offset 0) p
                cross join lateral unnest(p.refs) r (ref))
            select w.hash_part, p.name, p.refs, p.nar_size
            from (select hash_part from walk limit :limit) w left join lateral (
              select p.name, p.refs, n.nar_size from path p join nar_facts n on n.id = p.nar_id
              where p.cache_id = :cache and p.hash_part = w.hash_part offset 0) p on true
            """;

    private static final String FROM_ONE = WALK.formatted("select cast(:root as char(32)) collate \"C\"")
            + "order by w.hash_part = :root desc, p.nar_size desc nulls last, w.hash_part";

    private static final String FROM_ALL = WALK.formatted(
            "select cast(t.root as char(32)) collate \"C\" from unnest(cast(:roots as text[])) t (root)");

    private final Database sql;

    ClosureWalk(Database sql) {
        this.sql = sql;
    }

    /** Returns the closure of a path; empty and incomplete if the path is not in the cache. */
    Closure from(long cacheId, String hashPart, int limit) {
        if (!StorePath.isHash(hashPart)) {
            return new Closure(List.of(), false, List.of(), 0);
        }
        int max = Math.clamp(limit, 1, MAX_PATHS);
        var rows = sql.statement(FROM_ONE)
                .bind("root", hashPart)
                .bind("cache", cacheId)
                .bind("limit", max + 1)
                .list();
        boolean cut = rows.size() > max;
        var here = rows.subList(0, Math.min(max, rows.size())).stream()
                .filter(row -> row.optionalString("name").isPresent())
                .toList();
        return here.isEmpty() || !here.getFirst().string("hash_part").equals(hashPart)
                ? new Closure(List.of(), false, List.of(), 0)
                : closure(here, cut);
    }

    /**
     * Computes the closure sizes of several paths. Walks from all roots at once, because versions of a package share most of
     * their closures, and then sums up in memory.
     *
     * @param hashParts of the roots; those that are invalid or not in the cache are missing from the result
     */
    Map<String, ClosureTotals> weights(long cacheId, Collection<String> hashParts, int limit) {
        var roots = hashParts.stream().filter(StorePath::isHash).distinct().toArray(String[]::new);
        if (roots.length == 0) {
            return Map.of();
        }
        int max = Math.clamp(limit, 1, MAX_PATHS);
        var rows = sql.statement(FROM_ALL)
                .bind("roots", roots)
                .bind("cache", cacheId)
                .bind("limit", max)
                .list();
        var weighing = new ClosureSizeCounter();
        rows.stream()
                .filter(row -> row.optionalString("name").isPresent())
                .forEach(row -> weighing.add(path(row), row.longValue("nar_size"), row.strings("refs")));
        return weighing.weights(List.of(roots));
    }

    /** @param rows the root first, then the other paths by size */
    private static Closure closure(List<Row> rows, boolean cut) {
        var direct = new HashSet<>(rows.getFirst().strings("refs"));
        var here = new HashSet<String>();
        var missing = new TreeSet<String>();
        rows.forEach(row -> here.add(base(row)));
        var nodes = new ArrayList<Closure.Node>();
        long size = 0;
        for (var row : rows) {
            nodes.add(new Closure.Node(
                    path(row),
                    row.longValue("nar_size"),
                    row.strings("refs"),
                    !nodes.isEmpty() && direct.contains(base(row))));
            size += row.longValue("nar_size");
            row.strings("refs").stream().filter(ref -> !here.contains(ref)).forEach(missing::add);
        }
        nodes.sort(Comparator.comparingLong(Closure.Node::narSize).reversed());
        return new Closure(nodes, !cut && missing.isEmpty(), cut ? List.of() : List.copyOf(missing), size);
    }

    private static String base(Row row) {
        return row.string("hash_part") + "-" + row.string("name");
    }

    private static StorePath path(Row row) {
        return new StorePath(row.string("hash_part"), row.string("name"));
    }
}
