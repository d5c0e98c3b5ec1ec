package dev.narthex.catalog.download;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Sort;
import dev.narthex.catalog.release.IndexSource;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ParallelRunner;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import dev.narthex.spi.DownloadCount;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Downloads are counted in memory and aggregated to statistics. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DownloadStatsTest {
    private static final String NPM = "npm";
    private static final int CLIENTS = 8;
    private static final int EACH = 2000;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    Packages packages;

    @Inject
    DownloadStats downloads;

    @Inject
    DownloadRows rows;

    @Inject
    DownloadRollup nights;

    @Inject
    IndexSource search;

    private Cache cache;
    private DownloadCounter counts;
    private long oar;

    @BeforeEach
    void fresh() {
        cache = tables.newCache();
        counts = new DownloadCounter(rows);
        oar = recognized.artifact(cache, NPM, RecognitionFixture.of("oar", "1.0.0"));
    }

    @Test
    void downloadsAreReportedPerPackageAndVersion() {
        long newer = recognized.artifact(cache, NPM, RecognitionFixture.of("oar", "2.0.0"));
        counts.file(oar);
        counts.file(newer);
        counts.file(newer);
        assertEquals(0, series("1.0.0").month());
        counts.write();
        assertEquals(3, series("1.0.0").month());
        assertEquals(1, series("1.0.0").release());
        assertEquals(2, series("2.0.0").release());
        assertEquals(3, series("2.0.0").daily().getLast());
        assertEquals(Map.of("oar", new DownloadCount(3, 3)), downloads.recent(cache.id(), NPM, List.of("oar", "mast")));
        assertEquals(
                3,
                packages.list(cache.id(), NPM, Sort.NAME, 1).items().getFirst().downloads());
        assertEquals(3, search.rows(Set.of(id())).getFirst().downloads());
    }

    @Test
    void narDownloadCountsForTheReleaseOfItsPath() {
        var path = recognized.pushOutput(cache, RecognitionFixture.of("boat", "1.0"), "out");
        counts.nar(cache.id(), path.narId());
        counts.nar(tables.newCache().id(), path.narId());
        counts.nar(cache.id(), tables.push(cache, "no-package").narId());
        counts.write();
        assertEquals(Map.of("boat", new DownloadCount(1, 1)), downloads.recent(cache.id(), "nix", List.of("boat")));
    }

    @Test
    void countsOfReplicasAreAdded() {
        var other = new DownloadCounter(rows);
        counts.file(oar);
        other.file(oar);
        counts.write();
        other.write();
        counts.write();
        counts.file(oar);
        counts.write();
        assertEquals(3, series("1.0.0").month());
    }

    @Test
    void concurrentDownloadsAreCountedExactlyOnce() throws Exception {
        long other = recognized.artifact(cache, NPM, RecognitionFixture.of("mast", "1.0.0"));
        ParallelRunner.run(Collections.nCopies(CLIENTS, () -> {
            for (int n = 1; n <= EACH; n++) {
                counts.file(n % 2 == 0 ? oar : other);
                if (n % 500 == 0) {
                    counts.write();
                }
            }
            return true;
        }));
        counts.write();
        assertEquals(CLIENTS * EACH / 2, series("1.0.0").month());
    }

    @Test
    void failedWritesAreRetried() {
        counts.file(oar);
        tables.run("alter table download_day rename to download_day_away");
        try {
            assertThrows(RuntimeException.class, counts::write);
        } finally {
            tables.run("alter table download_day_away rename to download_day");
        }
        counts.file(oar);
        counts.write();
        assertEquals(2, series("1.0.0").month());
    }

    @Test
    void deletedReleaseIsSkippedAndOthersAreCounted() {
        long gone = recognized.artifact(cache, NPM, RecognitionFixture.of("oar", "0.1.0"));
        counts.file(gone);
        counts.file(oar);
        tables.run("delete from release where id = (select release_id from artifact where id = " + gone + ")");
        counts.write();
        assertEquals(1, series("1.0.0").month());
    }

    @Test
    void memoryIsBounded() {
        for (long i = 0; i < DownloadCounter.MAX_PENDING; i++) {
            counts.file(Long.MAX_VALUE - i);
        }
        counts.file(oar);
        counts.write();
        assertEquals(0, series("1.0.0").month());
        counts.file(oar);
        counts.write();
        assertEquals(1, series("1.0.0").month());
    }

    @Test
    void searchIsNotifiedWhenDownloadsDouble() {
        var heard = new ArrayList<Long>();
        for (int i = 0; i < 8; i++) {
            long before = noted();
            counts.file(oar);
            counts.write();
            heard.add(noted() - before);
        }
        assertEquals(List.of(1L, 0L, 1L, 0L, 0L, 0L, 1L, 0L), heard);
    }

    @Test
    void nightlyJobNotifiesSearchAndDeletesOldCounts() {
        day(401);
        day(400);
        day(31);
        nights.run();
        assertEquals(0, noted());
        assertEquals(2, days());
        day(30);
        nights.run();
        assertEquals(1, noted());
        day(1);
        nights.run();
        assertEquals(2, noted());
        assertEquals(1, series("1.0.0").month());
    }

    @Test
    void daysAndWeeksEndToday() {
        day(0);
        day(6);
        day(7);
        day(29);
        day(30);
        day(83);
        day(84);
        var series = series("1.0.0");
        assertEquals(4, series.month());
        assertEquals(4, series.release());
        assertEquals(30, series.daily().size());
        assertEquals(1, series.daily().getFirst());
        assertEquals(List.of(1L, 0L, 0L, 0L, 0L, 0L, 0L, 2L, 0L, 0L, 1L, 2L), series.weekly());
        assertEquals(
                new DownloadCount(2, 4),
                downloads.recent(cache.id(), NPM, List.of("oar")).get("oar"));
    }

    private void day(int ago) {
        tables.run("""
                insert into download_day (release_id, day, n)
                select release_id, cast(now() at time zone 'utc' as date) - %d, 1 from artifact where id = %d""".formatted(ago, oar));
    }

    private long days() {
        return tables.number(
                "select count(*) from download_day d join artifact a using (release_id) where a.id = " + oar);
    }

    private long noted() {
        return tables.number("select count(*) from change where kind = 'downloads' and package_id = " + id());
    }

    private long id() {
        return packages.find(cache.id(), NPM, "oar").orElseThrow().id();
    }

    private DownloadSeries series(String version) {
        return downloads.of(id(), recognized.release(cache, NPM, "oar", version).id());
    }
}
