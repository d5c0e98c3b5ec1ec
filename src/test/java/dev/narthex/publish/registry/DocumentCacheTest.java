package dev.narthex.publish.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.support.TestSql;
import dev.narthex.publish.registry.DocumentCache.DocumentKey;
import dev.narthex.publish.registry.DocumentCache.DocumentSubject;
import dev.narthex.spi.Document;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DocumentCacheTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    DocumentCache documents;

    @Inject
    ChangeLog changes;

    @Inject
    CacheCatalog caches;

    @Inject
    DataSource database;

    private final AtomicInteger made = new AtomicInteger();
    private long cache;

    @BeforeEach
    void aCache() {
        long domain = number("insert into dedup_domain default values returning id");
        cache = QuarkusTransaction.requiringNew()
                .call(() -> caches.create("documents-" + NUMBERS.incrementAndGet(), "", true, domain))
                .id();
    }

    @Test
    void documentIsRebuiltAfterItsPackageChanged() {
        long lamp = newPackage("lamp");
        long oil = newPackage("oil");
        var first = get("lamp");
        assertEquals(first, get("lamp"));
        get("oil");
        changed(Optional.of(oil), "release");
        assertEquals(first, get("lamp"));
        changed(Optional.empty(), "path");
        changed(Optional.of(lamp), "downloads");
        assertEquals(first, get("lamp"));
        assertEquals(2, made.get());
        assertEquals(Optional.of(first), documents.findCurrent(changes.head(), key("lamp")));
        changed(Optional.of(lamp), "release");
        assertEquals(Optional.empty(), documents.findCurrent(changes.head(), key("lamp")));
        assertNotEquals(first, get("lamp"));
        assertEquals(3, made.get());
    }

    @Test
    void listIsRebuiltAfterAnyPackageChanged() {
        long lamp = newPackage("lamp");
        var first = get("");
        assertEquals(first, get(""));
        changed(Optional.of(lamp), "release");
        assertNotEquals(first, get(""));
    }

    @Test
    void deletionOrNewChangeLogDropsAllDocuments() {
        newPackage("lamp");
        var first = get("lamp");
        changed(Optional.of(-1L), "release");
        var second = get("lamp");
        assertNotEquals(first, second);
        run("update change_head set epoch = gen_random_uuid()");
        assertNotEquals(second, get("lamp"));
    }

    @Test
    void documentIsRebuiltAfterItsPathChanged() {
        var lantern = new DocumentKey(DocumentSubject.ofPath(cache, "1".repeat(32)), "narinfo");
        var other = new DocumentKey(DocumentSubject.ofPath(cache, "2".repeat(32)), "narinfo");
        newPackage("lamp");
        var first = documents.get(changes.head(), lantern, this::body);
        var second = documents.get(changes.head(), other, this::body);
        var third = get("lamp");
        QuarkusTransaction.requiringNew()
                .run(() ->
                        changes.append(cache, "path", Optional.empty(), Optional.empty(), Optional.of("1".repeat(32))));
        assertNotEquals(first, documents.get(changes.head(), lantern, this::body));
        assertEquals(second, documents.get(changes.head(), other, this::body));
        assertEquals(third, get("lamp"));
    }

    @Test
    void concurrentReadersShareOneBuild() throws InterruptedException {
        newPackage("lamp");
        var go = new CountDownLatch(1);
        var head = changes.head();
        var answers = new ConcurrentLinkedQueue<Document>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 12; i++) {
            threads.add(Thread.ofVirtual()
                    .start(() -> answers.add(documents.get(head, key("lamp"), () -> {
                        await(go);
                        return body();
                    }))));
        }
        for (var thread : threads) {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
        }
        go.countDown();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(1, made.get());
        assertEquals(1, answers.stream().distinct().count());
        assertEquals(12, answers.size());
    }

    @Test
    void changeDuringABuildIsInTheNextResponse() {
        long lamp = newPackage("lamp");
        var state = new AtomicLong(1);
        var old = documents.get(changes.head(), key("lamp"), () -> {
            var seen = "%d".formatted(state.get()).getBytes(StandardCharsets.UTF_8);
            state.set(2);
            changed(Optional.of(lamp), "release");
            return Document.plain(seen);
        });
        assertEquals("1", new String(old.bytes(), StandardCharsets.UTF_8));
        var next = documents.get(
                changes.head(),
                key("lamp"),
                () -> Document.plain("%d".formatted(state.get()).getBytes(StandardCharsets.UTF_8)));
        assertEquals("2", new String(next.bytes(), StandardCharsets.UTF_8));
    }

    @Test
    void failedDocumentIsNotCached() {
        newPackage("lamp");
        var head = changes.head();
        assertThrows(
                IllegalArgumentException.class,
                () -> documents.get(head, key("lamp"), () -> {
                    throw new IllegalArgumentException("no such package");
                }));
        assertTrue(documents.get(head, key("lamp"), this::body).length() > 0);
    }

    private Document get(String name) {
        return documents.get(changes.head(), key(name), this::body);
    }

    private DocumentKey key(String name) {
        return new DocumentKey(new DocumentSubject(cache, "npm", name), "whole");
    }

    private Document body() {
        return Document.plain(("made " + made.incrementAndGet()).getBytes(StandardCharsets.UTF_8));
    }

    private void changed(Optional<Long> packageId, String kind) {
        QuarkusTransaction.requiringNew()
                .run(() -> changes.append(cache, kind, packageId, Optional.empty(), Optional.empty()));
    }

    private long newPackage(String name) {
        return number(
                "insert into package (cache_id, ecosystem, name, normalized) values (%d, 'npm', '%s', '%2$s') returning id"
                        .formatted(cache, name));
    }

    private long number(String sql) {
        return new TestSql(database).number(sql);
    }

    private void run(String sql) {
        new TestSql(database).run(sql);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
