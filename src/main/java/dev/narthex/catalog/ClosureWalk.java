package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
            select w.hash_part, p.name, p.refs, n.nar_size is not null as present, n.nar_size
            from (select hash_part from walk limit :limit) w left join lateral (
              select p.name, p.refs, p.nar_id from path p where p.cache_id = :cache and p.hash_part = w.hash_part offset 0) p
              on true left join nar_facts n on n.id = p.nar_id""";

    private final Sql sql;

    ClosureWalk(Sql sql) {
        this.sql = sql;
    }

    /** Empty and incomplete if the path is not in the cache. */
    Closure from(long cacheId, String hashPart, int limit) {
        int most = Math.clamp(limit, 1, LIMIT);
        var reached = sql.rows(WALK, Map.of("root", hashPart, "cache", cacheId, "limit", most + 1));
        boolean cut = reached.size() > most;
        var present =
                reached.stream().limit(most).filter(row -> row.truth("present")).toList();
        return closure(hashPart, present, cut);
    }

    /** @param cut whether the limit was met: what is missing cannot be told from what was not looked at then */
    private static Closure closure(String root, List<Row> present, boolean cut) {
        var here = present.stream().map(row -> row.text("hash_part")).collect(Collectors.toSet());
        var direct = present.stream()
                .filter(row -> row.text("hash_part").equals(root))
                .flatMap(row -> row.texts("refs").stream())
                .filter(ref -> !hashOf(ref).equals(root))
                .collect(Collectors.toSet());
        var nodes = present.stream()
                .map(row -> node(row, direct))
                .sorted(Comparator.comparingLong(Closure.Node::narSize)
                        .reversed()
                        .thenComparing(Closure.Node::path))
                .toList();
        var missing = new TreeSet<String>();
        if (!cut) {
            nodes.stream()
                    .flatMap(node -> node.references().stream())
                    .filter(ref -> !here.contains(hashOf(ref)))
                    .forEach(missing::add);
        }
        boolean complete = !cut && missing.isEmpty() && here.contains(root);
        long size = nodes.stream().mapToLong(Closure.Node::narSize).sum();
        return new Closure(nodes, complete, List.copyOf(missing), size);
    }

    private static Closure.Node node(Row row, Set<String> direct) {
        var path = new StorePath(row.text("hash_part"), row.text("name"));
        return new Closure.Node(path, row.number("nar_size"), row.texts("refs"), direct.contains(path.base()));
    }

    private static String hashOf(String base) {
        return base.substring(0, Math.min(32, base.length()));
    }
}
