package dev.narthex.catalog.change;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.db.Database;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class ChangeLogTest {
    @Inject
    ChangeLog changes;

    @Inject
    CatalogFixture tables;

    @Inject
    Database sql;

    private void append(Cache cache, String hashPart) {
        changes.append(cache.id(), "path", Optional.empty(), Optional.empty(), Optional.of(hashPart));
    }

    private List<String> log(Cache cache) {
        return sql.statement("select hash_part from change where cache_id = :cache order by seq")
                .bind("cache", cache.id())
                .list(row -> row.string("hash_part"));
    }

    @Test
    void changesAreNumberedOnceInTransactionOrder() {
        var cache = tables.newCache();
        var one = CatalogFixture.hashPart();
        var two = CatalogFixture.hashPart();
        var before = changes.revision();
        QuarkusTransaction.requiringNew().run(() -> {
            append(cache, two);
            append(cache, one);
            append(cache, two);
            assertEquals(List.of(), log(cache));
        });
        assertEquals(List.of(two, one), log(cache));
        assertNotEquals(before, changes.revision());
    }

    @Test
    void rolledBackTransactionLeavesNoChange() {
        var cache = tables.newCache();
        var before = changes.revision();
        assertThrows(
                IllegalArgumentException.class,
                () -> QuarkusTransaction.requiringNew().run(() -> {
                    append(cache, CatalogFixture.hashPart());
                    throw new IllegalArgumentException();
                }));
        assertEquals(List.of(), log(cache));
        assertEquals(before, changes.revision());
    }

    @Test
    void concurrentWritesLeaveNoGapsInNumbers() throws InterruptedException {
        var cache = tables.newCache();
        var failures = new ConcurrentLinkedQueue<Throwable>();
        var threads = IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    try {
                        QuarkusTransaction.requiringNew().run(() -> {
                            append(cache, CatalogFixture.hashPart());
                            append(cache, CatalogFixture.hashPart());
                        });
                    } catch (RuntimeException e) {
                        failures.add(e);
                    }
                }))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(List.of(), List.copyOf(failures));
        var numbers = sql.statement("select seq from change order by seq").list(row -> row.longValue("seq"));
        assertEquals(LongStream.rangeClosed(1, numbers.size()).boxed().toList(), numbers);
        assertEquals(16, log(cache).size());
    }

    @Test
    void changeOutsideATransactionIsRefused() {
        var cache = tables.newCache();
        assertThrows(RuntimeException.class, () -> append(cache, CatalogFixture.hashPart()));
    }
}
