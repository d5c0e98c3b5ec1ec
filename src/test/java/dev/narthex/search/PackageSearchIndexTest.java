package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.problem.ProblemException;
import dev.narthex.search.SearchQuery.Filter;
import dev.narthex.search.SearchQuery.Order;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.search.support.SearchFixture;
import dev.narthex.search.support.SearchFixture.Seed;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PathNames;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.FSDirectory;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PackageSearchIndexTest {
    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final Duration HEALED = Duration.ofSeconds(60);

    @Inject
    PackageSearchIndex index;

    @Inject
    ChangeLog changes;

    @Inject
    SearchFixture seeds;

    @Inject
    IndexSource rows;

    @Inject
    PathNames contents;

    @ConfigProperty(name = "narthex.data")
    Path data;

    /** Searches like registries do: one cache, one ecosystem, any part of the list. */
    @Test
    void packagesAreFoundByNameTextAndFile() {
        var cache = filled("galley-a", "galley-b", "galley-c");
        filled("galley-d");
        seeds.add(cache, List.of(Seed.of("pypi", "galley-e", "about galley-e")));
        IndexWaiter.await(index, changes);
        var all = index.names(cache.id(), "npm", "galley", 0, 10).orElseThrow();
        assertEquals(3, all.total());
        assertEquals(3, all.normalized().size());
        var part = index.names(cache.id(), "npm", "about galley", 1, 1).orElseThrow();
        assertEquals(List.of(all.normalized().get(1)), part.normalized());
        assertEquals(3, part.total());
        assertEquals(0, index.names(cache.id(), "npm", "!", 0, 10).orElseThrow().total());
        assertEquals(3, index.names(cache.id(), "npm", "", 0, 10).orElseThrow().total());
    }

    private Cache filled(String... names) {
        var cache = seeds.cache(true);
        seeds.add(
                cache,
                List.of(names).stream()
                        .map(n -> Seed.of("npm", n, "about " + n))
                        .toList());
        IndexWaiter.await(index, changes);
        return cache;
    }

    private List<String> names(SearchQuery query) {
        return index.search(query).orElseThrow().hits().stream()
                .map(SearchHit::name)
                .toList();
    }

    private List<String> names(String text, Cache... caches) {
        return names(
                SearchQuery.of(text, List.of(caches).stream().map(Cache::id).toList()));
    }

    @Test
    void publishedPackageIsFoundWithinTwoSeconds() {
        var cache = filled("calm");
        seeds.add(cache, List.of(Seed.of("npm", "storm", "")));
        IndexWaiter.until(() -> names("storm", cache).equals(List.of("storm")), FRESH);
    }

    @Test
    void withdrawnPackageIsNotFound() {
        var cache = filled("mist", "mist-two");
        seeds.run("""
                delete from artifact a using release r, package p
                where r.id = a.release_id and p.id = r.package_id and p.cache_id = %d and p.name = 'mist'""".formatted(cache.id()));
        seeds.run("""
                with head as (update change_head set seq = seq + 1 returning seq),
                  gone as (delete from release r using package p where p.id = r.package_id and p.cache_id = %d
                    and p.name = 'mist' returning p.id)
                insert into change (seq, cache_id, kind, package_id) select head.seq, %1$d, 'release', gone.id from head, gone""".formatted(cache.id()));
        IndexWaiter.until(() -> names("mist", cache).equals(List.of("mist-two")), FRESH);
    }

    @Test
    void prefixMatchesAreSuggestedFirst() {
        var names = List.of(
                "anchor",
                "anchors",
                "anchor-a",
                "anchor-bc",
                "anchor-def",
                "anchor-ghij",
                "anchor-klmno",
                "anchor-pqrstu");
        var many = filled(names.toArray(String[]::new));
        seeds.add(many, List.of(Seed.of("npm", "anchor-vwxyz-far", ""), Seed.of("npm", "my-anchor", "")));
        var few = filled("the-buoy", "a-buoy", "buoys", "buoy");
        IndexWaiter.until(() -> names("anchor", many).size() == 10, FRESH);
        assertEquals(names, suggested("anchor", many));
        assertEquals(Set.copyOf(names), Set.copyOf(suggested("anch", many)));
        assertEquals(List.of("buoy", "buoys", "a-buoy", "the-buoy"), suggested("buoy", few));
    }

    private List<String> suggested(String text, Cache cache) {
        return index.suggest(text, List.of(cache.id())).orElseThrow().stream()
                .map(SearchHit::name)
                .toList();
    }

    @Test
    void onlyCachesOfTheReaderAreSearched() {
        var seen = filled("harbour", "harbour-light");
        var hidden = filled("harbour-secret", "harbour");
        var result = index.search(SearchQuery.of("harbour", List.of(seen.id()))).orElseThrow();
        assertEquals(2, result.total());
        assertEquals(List.of(new PackageSearchResult.FacetValue(Long.toString(seen.id()), 2)), result.of(Facet.CACHE));
        assertEquals(List.of(new PackageSearchResult.FacetValue("npm", 2)), result.of(Facet.ECOSYSTEM));
        assertEquals(
                Set.of(seen.id()),
                Set.copyOf(index.suggest("harb", List.of(seen.id())).orElseThrow().stream()
                        .map(SearchHit::cacheId)
                        .toList()));
        assertEquals(
                List.of(),
                index.similarNames("harbour-secrt", List.of(seen.id()), 9).orElseThrow());
        assertEquals(
                0,
                index.search(SearchQuery.of("harbour", List.of())).orElseThrow().total());
        var forged = new SearchQuery(
                "harbour",
                Set.of(seen.id()),
                List.of(new Filter(Facet.CACHE, Long.toString(hidden.id()))),
                Order.BEST,
                1);
        assertEquals(0, index.search(forged).orElseThrow().total());
        assertEquals(4, names("harbour", seen, hidden).size());
    }

    @Test
    void facetsRespectOtherFilters() {
        var cache = seeds.cache(true);
        seeds.add(
                cache,
                List.of(
                        new Seed("npm", "reed-a", "1", "MIT", "", 0, false, ""),
                        new Seed("npm", "reed-b", "1", "ISC", "", 0, false, ""),
                        new Seed("nix", "reed-c", "1", "MIT", "x86_64-linux aarch64-linux", 0, false, "")));
        IndexWaiter.await(index, changes);
        var result = index.search(new SearchQuery(
                        "reed", Set.of(cache.id()), List.of(new Filter(Facet.ECOSYSTEM, "npm")), Order.BEST, 1))
                .orElseThrow();
        assertEquals(2, result.total());
        assertEquals(
                List.of(new PackageSearchResult.FacetValue("npm", 2), new PackageSearchResult.FacetValue("nix", 1)),
                result.of(Facet.ECOSYSTEM));
        assertEquals(
                Set.of(new PackageSearchResult.FacetValue("MIT", 1), new PackageSearchResult.FacetValue("ISC", 1)),
                Set.copyOf(result.of(Facet.LICENCE)));
        assertEquals(List.of(), result.of(Facet.SYSTEM));
    }

    @Test
    void resultsAreSortedAndPaged() {
        var cache = seeds.cache(true);
        seeds.add(
                cache,
                IntStream.range(0, 45)
                        .mapToObj(
                                i -> new Seed("npm", "fern-%02d".formatted(i), "1", "", "", i == 30 ? 5 : 0, false, ""))
                        .toList());
        IndexWaiter.await(index, changes);
        var all = new ArrayList<String>();
        for (int page = 1; page <= 3; page++) {
            all.addAll(names(new SearchQuery("fern", Set.of(cache.id()), List.of(), Order.NAME, page)));
        }
        var sorted = new ArrayList<>(all);
        Collections.sort(sorted);
        assertEquals(45, all.size());
        assertEquals(sorted, all);
        assertEquals("fern-30", names("fern", cache).getFirst());
        assertEquals(
                "fern-30",
                names(new SearchQuery("", Set.of(cache.id()), List.of(), Order.DEPENDENTS, 1))
                        .getFirst());
        assertThrows(
                ProblemException.class,
                () -> index.search(new SearchQuery("fern", Set.of(cache.id()), List.of(), Order.BEST, 51)));
    }

    @Test
    void unusualQueriesAreAnswered() {
        var cache = filled("plain");
        for (var text : List.of(
                "\"",
                "license:",
                "a:b",
                "*",
                "?",
                "pla*",
                "\\",
                "((",
                "\0",
                "\ud83d\ude00",
                "x".repeat(5000),
                "-",
                "AND OR",
                "\"\"")) {
            index.search(SearchQuery.of(text, List.of(cache.id()))).orElseThrow();
            index.suggest(text, List.of(cache.id())).orElseThrow();
            index.similarNames(text, List.of(cache.id()), 5).orElseThrow();
        }
        assertEquals(List.of("plain"), names("PLAIN", cache));
        assertEquals(List.of(), names("*", cache));
    }

    enum Damage {
        DELETED,
        ANOTHER_EPOCH,
        LOG_CUT
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void invalidIndexIsRebuiltWhileQueriesAreAnswered(Damage damage) throws Exception {
        var cache = filled("anchor-" + damage.ordinal());
        var stop = new AtomicBoolean();
        var failures = new ArrayList<RuntimeException>();
        var asking = Thread.ofVirtual().start(() -> {
            while (!stop.get()) {
                try {
                    index.search(SearchQuery.of("anchor", List.of(cache.id())));
                    index.suggest("anch", List.of(cache.id()));
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            }
        });
        var root = data.resolve("index");
        var before = folders(root);
        switch (damage) {
            case DELETED -> delete(root.resolve(before.getFirst()));
            case ANOTHER_EPOCH -> seeds.run("update change_head set epoch = gen_random_uuid()");
            case LOG_CUT -> seeds.run("update change_head set seq = seq + 10");
        }
        seeds.add(cache, List.of(Seed.of("npm", "anchor-after", "")));
        IndexWaiter.until(
                () -> index.search(SearchQuery.of("anchor", List.of(cache.id())))
                        .filter(result -> result.total() == 2)
                        .isPresent(),
                HEALED);
        stop.set(true);
        asking.join();
        assertEquals(List.of(), failures);
        IndexWaiter.until(() -> folders(root).size() == 1 && !folders(root).equals(before), HEALED);
    }

    @Test
    void intactIndexIsReopenedAndOthersAreReplaced(@TempDir Path root) throws IOException {
        filled("keel");
        restart(root);
        var built = folders(root);
        restart(root);
        assertEquals(built, folders(root));

        Files.writeString(root.resolve(built.getFirst()).resolve("cursor"), "schema=0\nepoch=x\nseq=1\n");
        restart(root);
        assertNotEquals(built, folders(root));

        built = folders(root);
        var file = largest(root.resolve(built.getFirst()).resolve("package"));
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        restart(root);
        assertNotEquals(built, folders(root));

        built = folders(root);
        Files.delete(root.resolve(built.getFirst()).resolve("cursor"));
        restart(root);
        assertNotEquals(built, folders(root));
        assertEquals(1, folders(root).size());
    }

    @Test
    void longLogIsFollowedUnlessARebuildIsCheaper(@TempDir Path root) throws IOException {
        filled("lee", "luff");
        var follower = new IndexUpdater(rows, changes, contents, root, "far-behind");
        follower.applyBatch();
        var built = folders(root);
        changed("where name = 'lee' limit 1");
        follower.applyBatch();
        assertEquals(built, folders(root));
        assertEquals(
                changes.head().seq(), follower.live().orElseThrow().cursor().seq());
        changed("");
        follower.applyBatch();
        assertNotEquals(built, folders(root));
        assertEquals(
                changes.head().seq(), follower.live().orElseThrow().cursor().seq());
        follower.close();
    }

    /** Each commit waits for the disk and creates segments that must be merged. */
    @Test
    void longLogIsFollowedWithOneCommit(@TempDir Path root) throws IOException {
        var cache = filled(IntStream.range(0, 2000).mapToObj(i -> "reef-" + i).toArray(String[]::new));
        var follower = new IndexUpdater(rows, changes, contents, root, "one-commit");
        follower.applyBatch();
        var before = commits(root);
        seeds.run("""
                with head as (update change_head set seq = seq + 2000 returning seq)
                insert into change (seq, cache_id, kind, package_id)
                select head.seq - row_number() over () + 1, p.cache_id, 'release', p.id
                from head, package p where p.cache_id = %d""".formatted(cache.id()));
        follower.applyBatch();
        assertEquals(
                changes.head().seq(), follower.live().orElseThrow().cursor().seq());
        assertEquals(before + 1, commits(root));
        follower.close();
    }

    private static long commits(Path root) throws IOException {
        var folder = root.resolve(folders(root).getFirst()).resolve("package");
        try (var directory = FSDirectory.open(folder)) {
            return SegmentInfos.getLastCommitGeneration(directory);
        }
    }

    /** Thirty thousand changes of some packages. */
    private void changed(String which) {
        seeds.run("""
                with chosen as (select array_agg(id) as ids, min(cache_id) as cache from (select id, cache_id from package %s) p),
                  head as (update change_head set seq = seq + 30000 returning seq)
                insert into change (seq, cache_id, kind, package_id)
                select seq - 30000 + i, cache, 'release', ids[1 + i %% cardinality(ids)]
                from head, chosen, generate_series(1, 30000) i""".formatted(which));
    }

    private static Path largest(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
    }

    /** Starts like a process: opens or rebuilds the index, and stops again. */
    private void restart(Path root) throws IOException {
        var follower = new IndexUpdater(rows, changes, contents, root, "restarted");
        follower.applyBatch();
        assertTrue(follower.live().isPresent());
        follower.close();
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    private static List<String> folders(Path root) {
        try (var all = Files.list(root)) {
            return all.map(folder -> folder.getFileName().toString()).toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
