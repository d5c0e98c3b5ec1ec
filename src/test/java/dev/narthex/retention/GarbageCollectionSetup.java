package dev.narthex.retention;

import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.cache.Retention;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.PackageEditRepository;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.StorePath;
import dev.narthex.retention.PathMarker.UnreachablePath;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;

/** A cache that keeps paths for a month, and the services that push to it and collect it. */
abstract class GarbageCollectionSetup {
    static final Retention MONTH = Retention.ofDays(30, Optional.empty(), Optional.empty());

    @Inject
    CatalogFixture tables;

    @Inject
    CacheSettingsStore settings;

    @Inject
    CacheGc collecting;

    @Inject
    WhyKept keeping;

    @Inject
    Pins pins;

    @Inject
    Paths paths;

    @Inject
    PathSweeper dead;

    @Inject
    Packages packages;

    @Inject
    ReleaseHistory dates;

    @Inject
    ReleaseFixture recognized;

    @Inject
    PackageEditRepository edits;

    Cache cache;

    @BeforeEach
    void aCacheThatKeepsAMonth() {
        cache = tables.newCache();
        keep(MONTH);
    }

    /** Pushes like nix, which needs all references to exist, or like attic, which relies on an earlier query. */
    Optional<NewPath> push(List<StorePath> all, Random random, boolean promised) {
        var refs = IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> all.get(random.nextInt(all.size())))
                .distinct()
                .toList();
        var bases = refs.stream().map(StorePath::baseName).toList();
        var path = tables.newPath(cache, "pushed", 1, bases);
        if (promised) {
            var hashes = refs.stream().map(StorePath::hash).toList();
            if (!paths.missingAndReserve(cache.id(), hashes).isEmpty()) {
                return Optional.empty();
            }
            QuarkusTransaction.requiringNew().run(() -> paths.add(cache.id(), path));
            return Optional.of(path);
        }
        return QuarkusTransaction.requiringNew().call(() -> {
            if (!paths.missingFrom(cache.id(), bases).isEmpty()) {
                return Optional.empty();
            }
            paths.add(cache.id(), path);
            return Optional.of(path);
        });
    }

    void keep(Retention rules) {
        QuarkusTransaction.requiringNew().run(() -> settings.change(cache.id(), now -> now.withRetention(rules)));
    }

    GcRuns.Run collect() {
        return collecting.collect(cache.id(), cache.name(), "").orElseThrow();
    }

    void old(PathInfo path) {
        tables.run(
                "update path set pushed_at = now() - interval '40 days' + make_interval(secs => id % 100000), last_access = current_date - 40 where id = "
                        + path.id());
    }

    Set<String> here() {
        return new TreeSet<>(tables.column("select name from path where cache_id = " + cache.id()));
    }

    static Set<String> names(List<UnreachablePath> list) {
        return list.stream().map(path -> path.path().name()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** A graph of paths and GC roots, with a simple reference implementation of reachability. */
    record Graph(List<Node> nodes) {
        static final int SIZE = 1000;

        record Node(
                StorePath path,
                int nar,
                List<Integer> refs,
                boolean young,
                boolean used,
                boolean pinned,
                boolean released) {}

        /** Some reference themselves, some form cycles, some share a NAR; few are kept directly. */
        static Graph random(int seed, int size) {
            var random = new Random(seed);
            int roots = 5 + random.nextInt(25);
            var nodes = new ArrayList<Node>();
            for (int i = 0; i < size; i++) {
                var refs = new TreeSet<Integer>();
                for (int n = random.nextInt(4); n > 0; n--) {
                    refs.add(random.nextInt(random.nextInt(10) == 0 ? size : i + 1));
                }
                nodes.add(new Node(
                        new StorePath(CatalogFixture.hashPart(), "n" + i),
                        random.nextInt(8) == 0 ? random.nextInt(i + 1) : i,
                        List.copyOf(refs),
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0,
                        random.nextInt(roots) == 0));
            }
            return new Graph(List.copyOf(nodes));
        }

        Node node(StorePath path) {
            return nodes.stream()
                    .filter(node -> node.path.equals(path))
                    .findFirst()
                    .orElseThrow();
        }

        boolean released(Node node) {
            return nodes.stream().anyMatch(other -> other.released && other.nar == node.nar);
        }

        Set<Node> live() {
            return reached(nodes.stream()
                    .filter(node -> node.young || node.used || node.pinned || released(node))
                    .collect(Collectors.toSet()));
        }

        Set<Node> reached(Set<Node> roots) {
            var all = new HashSet<>(roots);
            int before = 0;
            while (all.size() > before) {
                before = all.size();
                all.addAll(all.stream()
                        .flatMap(node -> node.refs.stream().map(nodes::get))
                        .toList());
            }
            return all;
        }

        Set<String> names(Predicate<Node> which) {
            return nodes.stream()
                    .filter(which)
                    .map(node -> node.path.name())
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        void enter(CatalogFixture tables, Cache cache) {
            var nars = nodes.stream()
                    .map(Node::nar)
                    .distinct()
                    .collect(Collectors.toMap(
                            nar -> nar, nar -> tables.nar(cache.domainId(), cache.name() + " " + nar, SIZE)));
            tables.run("insert into path (cache_id, hash_part, name, nar_id, refs, pushed_at, last_access) values "
                    + nodes.stream().map(node -> row(node, cache, nars)).collect(Collectors.joining(", ")));
            tables.run("update cache_usage set paths = %d, bytes = %d where cache_id = %d"
                    .formatted(nodes.size(), nodes.size() * SIZE, cache.id()));
            nodes.stream()
                    .filter(Node::pinned)
                    .forEach(node -> tables.run(
                            "insert into pin (cache_id, name, path_id) select cache_id, name, id from path where cache_id = %d and name = '%s'"
                                    .formatted(cache.id(), node.path.name())));
            nodes.stream().filter(Node::released).forEach(node -> release(tables, cache, node));
        }

        private String row(Node node, Cache cache, Map<Integer, Long> nars) {
            var refs = node.refs.stream()
                    .map(i -> "'" + nodes.get(i).path.baseName() + "'")
                    .collect(Collectors.joining(","));
            int days = 31 + nodes.indexOf(node) % 7;
            return "(%d, '%s', '%s', %d, array[%s]::text[], now() - interval '%d days', current_date - %d)"
                    .formatted(
                            cache.id(),
                            node.path.hash(),
                            node.path.name(),
                            nars.get(node.nar),
                            refs,
                            node.young ? 29 : days,
                            node.used ? 1 : days);
        }

        private static void release(CatalogFixture tables, Cache cache, Node node) {
            tables.run("""
                    with k as (insert into package (cache_id, ecosystem, name, normalized) values (%1$d, 'nix', '%2$s', '%2$s')
                        returning id),
                      r as (insert into release (package_id, version, version_key, state, facts, recognizer, published_at)
                        select id, '1', '\\x01', 'released', '{}', 1, now() from k returning id)
                    insert into artifact (release_id, build, filename, path_id, byte_offset, length, sha256, origin, state, at)
                    select r.id, p.hash_part, p.name, p.id, 0, 1, '\\x00', 'path', 'released', now()
                    from r, path p where p.cache_id = %1$d and p.name = '%2$s'""".formatted(cache.id(), node.path.name()));
        }
    }
}
