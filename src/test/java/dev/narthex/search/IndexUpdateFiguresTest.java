package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.search.support.LoadGenerator;
import dev.narthex.search.support.SearchFixture;
import dev.narthex.search.support.SearchFixture.Seed;
import dev.narthex.spi.PathNames;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures how fast an index follows a long change log, and how fast it is rebuilt. Prints a line for each. */
@Tag("long")
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class IndexUpdateFiguresTest {
    private static final int PACKAGES = Integer.getInteger("search.names", 100_000);
    private static final int PIECE = 1000;

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

    @TestHTTPResource("/search")
    URI search;

    @TempDir
    Path root;

    @Test
    void longLogIsFollowedQuickly() throws Exception {
        var cache = seeds.cache(true);
        for (int from = 0; from < PACKAGES; from += PIECE) {
            seeds.add(
                    cache,
                    IntStream.range(from, from + PIECE)
                            .mapToObj(i -> new Seed(
                                    "npm",
                                    "sail-" + Integer.toString(i * 7919 % 1_000_003, 36) + "-" + i % 97,
                                    "1." + i,
                                    "MIT",
                                    "",
                                    i % 10 == 0 ? 20 : 0,
                                    false,
                                    "a sail of canvas number " + i + " for boats and ships of any kind"))
                            .toList());
        }
        var follower = new IndexUpdater(rows, changes, contents, root, "figures");
        pagesWhileItIsBuilt();
        for (int round = 0; round < 2; round++) {
            long begun = System.nanoTime();
            follower.renew();
            follower.applyBatch();
            System.out.printf("index: %,d packages built in %.1f s%n", PACKAGES, (System.nanoTime() - begun) / 1e9);
        }
        for (int count : List.of(1, 100, 1000, 10_000, 40_000, 100_000)) {
            if (count <= PACKAGES) {
                seeds.run("""
                        with head as (update change_head set seq = seq + %1$d returning seq)
                        insert into change (seq, cache_id, kind, package_id)
                        select head.seq - row_number() over () + 1, p.cache_id, 'release', p.id
                        from head, (select * from package where cache_id = %2$d order by random() limit %1$d) p""".formatted(count, cache.id()));
                long begun = System.nanoTime();
                follower.applyBatch();
                double seconds = (System.nanoTime() - begun) / 1e9;
                System.out.printf(
                        "index: %,d changes followed in %.2f s, %,.0f a second%n", count, seconds, count / seconds);
                assertTrue(count < 10_000 || count / seconds > 1000, count + " changes took " + seconds + " s");
                assertEquals(
                        changes.head().cursor().seq(),
                        follower.live().orElseThrow().cursor().seq());
            }
        }
        follower.close();
    }

    private void pagesWhileItIsBuilt() throws Exception {
        IndexWaiter.await(index, changes);
        var texts = IntStream.range(0, 300).mapToObj(i -> "sail canvas " + i).toList();
        for (int i = 0; i < 4; i++) {
            LoadGenerator.run(2, search, texts);
        }
        System.out.println("pages: " + LoadGenerator.shown(LoadGenerator.run(2, search, texts)));
        System.out.println("pages: " + LoadGenerator.shown(LoadGenerator.run(2, search, texts)));
        long begun = System.nanoTime();
        index.rebuild();
        IndexWaiter.until(() -> index.state().building(), Duration.ofSeconds(60));
        while (index.state().building()) {
            System.out.println(
                    "pages while the index is built: " + LoadGenerator.shown(LoadGenerator.run(2, search, texts)));
        }
        System.out.printf("index: built in %.1f s beside pages%n", (System.nanoTime() - begun) / 1e9);
        begun = System.nanoTime();
        index.rebuild();
        IndexWaiter.until(() -> index.state().building(), Duration.ofSeconds(60));
        IndexWaiter.until(() -> !index.state().building(), Duration.ofMinutes(10));
        System.out.printf("index: built in %.1f s alone%n", (System.nanoTime() - begun) / 1e9);
    }
}
