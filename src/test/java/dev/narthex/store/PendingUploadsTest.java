package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.store.support.NarFixture;
import dev.narthex.store.support.StoreFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PendingUploadsTest {
    @Inject
    NarStore nars;

    @Inject
    PendingUploads uploads;

    @Inject
    StoreFixture tables;

    private long domain;
    private long cache;

    @BeforeEach
    void createCache() {
        domain = tables.newDomain();
        cache = tables.newCache(domain);
    }

    @Test
    void nameResolvesToTheNewestUpload() throws IOException {
        long first = upload("a.nar.xz", 1);
        long second = upload("a.nar.xz", 2);
        assertEquals(Optional.of(second), uploads.findNarId(cache, "a.nar.xz"));
        assertTrue(isInCache(cache, second));
        assertFalse(isInCache(cache, first));
    }

    @Test
    void uploadIsUnknownToOtherCaches() throws IOException {
        long nar = upload("a.nar", 1);
        long otherCache = tables.newCache(tables.newDomain());
        assertEquals(Optional.empty(), uploads.findNarId(otherCache, "a.nar"));
        assertFalse(isInCache(otherCache, nar));
    }

    @Test
    void cacheHasTheNarsOfItsPaths() throws IOException {
        long otherCache = tables.newCache(domain);
        long nar = upload("a.nar", 1);
        assertFalse(isInCache(otherCache, nar));
        tables.addPath(otherCache, nar);
        assertTrue(isInCache(otherCache, nar));
        uploads.delete(cache, List.of(nar));
        assertFalse(isInCache(cache, nar));
    }

    @Test
    void oldUploadsExpire() throws IOException {
        upload("old.nar", 1);
        tables.run("UPDATE nar_upload SET at = now() - interval '8 days' WHERE cache_id = " + cache);
        upload("new.nar", 2);
        uploads.deleteOlderThan(Duration.ofDays(7));
        assertEquals(Optional.empty(), uploads.findNarId(cache, "old.nar"));
        assertTrue(uploads.findNarId(cache, "new.nar").isPresent());
    }

    /** By its statistics, PostgreSQL expects a match among the first rows of the table, but no row matches. */
    @Test
    void narLookupReadsNoPaths() throws IOException {
        long otherCache = tables.newCache(domain);
        long sharedNar = upload("shared.nar", 1);
        tables.addPaths(cache, sharedNar, 20_000);
        tables.addPaths(otherCache, upload("other.nar", 2), 20_000);
        tables.run("ANALYZE path, nar_upload");
        try {
            assertFalse(isInCache(otherCache, sharedNar));
            var plans = RecordingDriver.of(() -> isInCache(otherCache, sharedNar)).stream()
                    .flatMap(sql -> tables.queryPlan(sql).stream())
                    .toList();
            assertEquals(
                    List.of(),
                    plans.stream()
                            .filter(line -> line.contains("Seq Scan on path"))
                            .toList(),
                    plans.toString());
        } finally {
            tables.run("DELETE FROM path WHERE cache_id IN (" + cache + ", " + otherCache + ")");
            tables.run("ANALYZE path");
        }
    }

    private boolean isInCache(long cache, long nar) {
        return nars.findInCache(domain, nars.find(nar).orElseThrow().narHash(), cache)
                .isPresent();
    }

    private long upload(String name, int seed) throws IOException {
        var body = new ByteArrayInputStream(NarFixture.flat(NarFixture.noise(seed, 10)));
        try (var staged = nars.stage(body, domain)) {
            return QuarkusTransaction.requiringNew().call(() -> {
                long id = staged.link();
                uploads.recordUpload(cache, name, id);
                return id;
            });
        }
    }
}
