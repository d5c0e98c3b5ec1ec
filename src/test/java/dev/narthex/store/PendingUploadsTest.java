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
    void aNewCache() {
        domain = tables.newDomain();
        cache = tables.newCache(domain);
    }

    @Test
    void nameResolvesToTheNewestUpload() throws IOException {
        long first = upload("a.nar.xz", 1);
        long second = upload("a.nar.xz", 2);
        assertEquals(Optional.of(second), uploads.findNarId(cache, "a.nar.xz"));
        assertTrue(held(cache, second));
        assertFalse(held(cache, first));
    }

    @Test
    void uploadIsUnknownToOtherCaches() throws IOException {
        long nar = upload("a.nar", 1);
        long other = tables.newCache(tables.newDomain());
        assertEquals(Optional.empty(), uploads.findNarId(other, "a.nar"));
        assertFalse(held(other, nar));
    }

    @Test
    void cacheHasTheNarsOfItsPaths() throws IOException {
        long other = tables.newCache(domain);
        long nar = upload("a.nar", 1);
        assertFalse(held(other, nar));
        tables.addPath(other, nar);
        assertTrue(held(other, nar));
        uploads.delete(cache, List.of(nar));
        assertFalse(held(cache, nar));
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

    /** By its statistics, one of the first rows of the table has the NAR and the cache; no row has both. */
    @Test
    void narLookupReadsNoPaths() throws IOException {
        long other = tables.newCache(domain);
        long shared = upload("shared.nar", 1);
        tables.addPaths(cache, shared, 20_000);
        tables.addPaths(other, upload("other.nar", 2), 20_000);
        tables.run("ANALYZE path, nar_upload");
        try {
            assertFalse(held(other, shared));
            var plans = RecordingDriver.of(() -> held(other, shared)).stream()
                    .flatMap(sql -> tables.plan(sql).stream())
                    .toList();
            assertEquals(
                    List.of(),
                    plans.stream()
                            .filter(line -> line.contains("Seq Scan on path"))
                            .toList(),
                    plans.toString());
        } finally {
            tables.run("DELETE FROM path WHERE cache_id IN (" + cache + ", " + other + ")");
            tables.run("ANALYZE path");
        }
    }

    private boolean held(long cache, long nar) {
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
