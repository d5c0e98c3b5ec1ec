package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Walks references in one recursive query. UNION drops what was seen, so cycles end and each path is looked up once. The
 * {@code offset 0} keeps the planner from joining the whole table in every round; the {@code limit} around the walk ends it,
 * as PostgreSQL computes rounds only while rows are asked for.
 */
@ApplicationScoped
class ClosureWalk {
    /** A NixOS system has about 2,000 paths. */
    private static final int LIMIT = 20_000;

    private static final String WALK = """
            with recursive walk (hash_part) as (
              select cast(:root as char(32)) collate "C"
              union
              select cast(left(r.ref, 32) as char(32)) collate "C" from walk w cross join lateral (
                select p.refs from path p where p.cache_id = :cache and p.hash_part = w.hash_part offset 0) p
                cross join lateral unnest(p.refs) r (ref))
            select w.hash_part, p.name, p.refs, n.nar_size
            from (select hash_part from walk limit :limit) w cross join lateral (
              select p.name, p.refs, p.nar_id from path p where p.cache_id = :cache and p.hash_part = w.hash_part offset 0) p
              join nar_facts n on n.id = p.nar_id
            order by n.nar_size desc, w.hash_part""";

    private final Sql sql;

    ClosureWalk(Sql sql) {
        this.sql = sql;
    }

    /** Empty and incomplete if the path is not in the cache. */
    Closure from(long cacheId, String hashPart, int limit) {
        int most = Math.clamp(limit, 1, LIMIT);
        var rows = sql.rows(WALK, Map.of("root", hashPart, "cache", cacheId, "limit", most + 1));
        boolean cut = rows.size() > most;
        return closure(hashPart, cut ? rows.subList(0, most) : rows, cut);
    }

    private static Closure closure(String root, List<Row> rows, boolean cut) {
        var here = new HashSet<String>();
        var direct = Set.<String>of();
        for (var row : rows) {
            here.add(row.text("hash_part"));
            if (row.text("hash_part").equals(root)) {
                direct = Set.copyOf(new LinkedHashSet<>(row.texts("refs")));
            }
        }
        var nodes = new java.util.ArrayList<Closure.Node>();
        var missing = new TreeSet<String>();
        long size = 0;
        for (var row : rows) {
            var node = node(row, root, direct);
            nodes.add(node);
            size += node.narSize();
            node.references().stream()
                    .filter(ref -> !here.contains(hashOf(ref)))
                    .forEach(missing::add);
        }
        boolean whole = !cut && missing.isEmpty() && here.contains(root);
        return new Closure(nodes, whole, cut ? List.of() : List.copyOf(missing), size);
    }

    private static Closure.Node node(Row row, String root, Set<String> direct) {
        var path = new StorePath(row.text("hash_part"), row.text("name"));
        boolean direkt = direct.contains(path.base()) && !path.hash().equals(root);
        return new Closure.Node(path, row.number("nar_size"), row.texts("refs"), direkt);
    }

    private static String hashOf(String base) {
        return base.substring(0, Math.min(32, base.length()));
    }
}
