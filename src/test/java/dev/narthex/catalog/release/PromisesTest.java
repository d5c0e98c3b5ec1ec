package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.RecognitionFixture.File;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.db.Database;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.FoundArtifact.Origin;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PromisesTest {
    private static final String NPM = "npm";
    private static final RecognitionFixture LANTERN = RecognitionFixture.of("lantern", "1.0.0");
    private static final String FILE = "lantern-1.0.0.tgz";
    private static final RecognitionFixture TREE = LANTERN.with(new File(FILE, Origin.PATH, "out", "tree"));

    @Inject
    Releases releases;

    @Inject
    Packages packages;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Inject
    Database sql;

    @Inject
    DataSource database;

    private Artifact served(Cache cache) {
        return packages.file(cache.id(), "npm", "lantern", FILE).orElseThrow();
    }

    private long exact(Cache cache) {
        return recognized.artifact(cache, NPM, LANTERN);
    }

    private long promisedCount(Cache cache) {
        return sql.statement("""
                        select count(a.promised_at) as n from artifact a join release r on r.id = a.release_id
                          join package p on p.id = r.package_id where p.cache_id = :cache""").bind("cache", cache.id()).list().getFirst().longValue("n");
    }

    @Test
    void repeatedPromiseCostsOneRead() {
        var cache = tables.newCache();
        var id = exact(cache);
        assertTrue(releases.promise(List.of(id, id)));
        assertTrue(served(cache).promised());
        assertEquals(1, RecordingDriver.of(() -> releases.promise(List.of(id))).size());
        assertTrue(releases.promise(List.of()));
    }

    @Test
    void proposedAndUnknownReleasesAreNotPromised() {
        var cache = tables.newCache();
        var proposed = recognized.artifact(cache, NPM, LANTERN.proposed());
        assertFalse(releases.promise(List.of(proposed)));
        assertFalse(releases.promise(List.of(Long.MAX_VALUE)));
        assertEquals(0, promisedCount(cache));
    }

    @Test
    void replacedArtifactIsNotPromised() {
        var cache = tables.newCache();
        var tree = recognized.artifact(cache, NPM, TREE);
        var file = exact(cache);
        assertFalse(releases.promise(List.of(tree)));
        assertTrue(releases.promise(List.of(file)));
        assertFalse(releases.promise(List.of(tree)));
        assertEquals(file, served(cache).id());
        assertEquals(1, promisedCount(cache));
    }

    @Test
    void concurrentPromisesAgree() throws InterruptedException {
        var cache = tables.newCache();
        var ids = IntStream.range(0, 6)
                .mapToObj(i -> recognized.artifact(cache, NPM, RecognitionFixture.of("lantern", "1." + i + ".0")))
                .toList();
        var failures = ConcurrentHashMap.<Object>newKeySet();
        var threads = IntStream.range(0, 6)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    try {
                        assertTrue(releases.promise(i % 2 == 0 ? ids : ids.reversed()));
                    } catch (RuntimeException | AssertionError e) {
                        failures.add(e);
                    }
                }))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        assertEquals(Set.of(), failures);
        assertEquals(6, promisedCount(cache));
    }

    /** A reader promises the derived file that it still sees while the uncommitted transaction of an exact file is open. */
    @Test
    void promiseWaitsForAConcurrentRecording() throws InterruptedException {
        var cache = tables.newCache();
        var tree = recognized.artifact(cache, NPM, TREE);
        var file = tables.push(cache, "file");
        var recorded = new CountDownLatch(1);
        var answers = new ArrayBlockingQueue<Boolean>(1);
        var reader = Thread.ofVirtual().unstarted(() -> answers.add(releases.promise(List.of(tree))));
        QuarkusTransaction.requiringNew().run(() -> {
            releases.record(cache, NPM, LANTERN.in(file, recognized.ecosystem(NPM)));
            recorded.countDown();
            reader.start();
            waitUntilSomebodyWaits(sql.statement("select pg_backend_pid() as pid")
                    .list()
                    .getFirst()
                    .longValue("pid"));
        });
        assertFalse(answers.take());
        assertEquals(file.path(), served(cache).path());
        assertEquals(0, promisedCount(cache));
    }

    /** Another writer without locks promises another artifact of the same name: the unique index refuses it. */
    @Test
    void oneArtifactPerNameIsPromised() throws Exception {
        var cache = tables.newCache();
        var first = exact(cache);
        var second = exact(cache);
        var answers = new ArrayBlockingQueue<Boolean>(1);
        try (var connection = database.getConnection()) {
            connection.setAutoCommit(false);
            promise(connection, first);
            Thread.ofVirtual().start(() -> answers.add(releases.promise(List.of(second))));
            waitUntilSomebodyWaits(pid(connection));
            connection.commit();
        }
        assertFalse(answers.take());
        assertEquals(first, served(cache).id());
        assertEquals(1, promisedCount(cache));
    }

    private static int pid(Connection connection) throws SQLException {
        try (var query = connection.createStatement();
                var row = query.executeQuery("select pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void promise(Connection connection, long id) throws SQLException {
        try (var update = connection.prepareStatement("update artifact set promised_at = now() where id = ?")) {
            update.setLong(1, id);
            update.executeUpdate();
        }
    }

    private void waitUntilSomebodyWaits(long holder) {
        long waiting = 0;
        while (waiting == 0) {
            Thread.onSpinWait();
            waiting =
                    sql.statement("""
                            select count(*) as n from pg_locks l
                            where not l.granted and :holder = any(pg_blocking_pids(l.pid))""").bind("holder", holder).list().getFirst().longValue("n");
        }
    }
}
