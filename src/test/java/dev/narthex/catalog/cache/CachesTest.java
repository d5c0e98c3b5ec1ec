package dev.narthex.catalog.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ParallelRunner;
import dev.narthex.catalog.support.RecognitionFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.nix.PublicKey;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CachesTest {
    @Inject
    CacheCatalog caches;

    @Inject
    CacheKeyring keys;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    @Test
    void newCacheIsFoundByItsName() {
        var cache = tables.newCache();
        assertEquals(Optional.of(cache), caches.find(cache.name()));
        assertTrue(cache.open());
        assertTrue(cache.automatic());
        assertEquals(41, cache.priority());
        assertTrue(caches.list(1000).contains(cache));
        assertTrue(caches.listReadable(List.of(), 1000).contains(cache));
        assertEquals(1, caches.list(1).size());
        assertEquals(Optional.empty(), caches.find(cache.name() + "\0%"));
    }

    @Test
    void privateCacheIsNotVisible() {
        var closed = QuarkusTransaction.requiringNew()
                .call(() ->
                        caches.create("catalog-closed", "x".repeat(499) + "\uD83D\uDE00", false, tables.newDomain()));
        assertFalse(caches.listReadable(List.of(), 1000).contains(closed));
        assertEquals("x".repeat(499) + "\uFFFD", closed.summary());
    }

    @Test
    void deletedCacheKeepsItsName() {
        var cache = tables.newCache();
        tables.run("update cache set deleted_at = now() where id = " + cache.id());
        assertEquals(Optional.empty(), caches.find(cache.name()));
        assertFalse(caches.listReadable(List.of(), 1000).contains(cache));
        assertInstanceOf(Problem.Conflict.class, refused(cache.name()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-a",
                "a-",
                "A",
                "a_b",
                "a.b",
                "a/b",
                "ä",
                "a\0",
                "search",
                "registry",
                "v2",
                "api",
                "tokens",
                "a123456789a123456789a123456789a123456789a123456789x",
                "_api",
                "robots.txt"
            })
    void namesThatWouldHideOtherPagesAreRefused(String name) {
        assertInstanceOf(Problem.Malformed.class, refused(name));
    }

    private Problem refused(String name) {
        long domain = tables.newDomain();
        return assertThrows(
                        ProblemException.class,
                        () -> QuarkusTransaction.requiringNew().run(() -> caches.create(name, "", true, domain)))
                .problem();
    }

    @Test
    void concurrentCreationOfACacheSucceedsOnce() throws Exception {
        long domain = tables.newDomain();
        var made = ParallelRunner.run(IntStream.range(0, 4)
                .mapToObj(_ -> (ParallelRunner.Part<Boolean>) () -> {
                    try {
                        QuarkusTransaction.requiringNew().run(() -> caches.create("catalog-race", "", true, domain));
                        return true;
                    } catch (ProblemException e) {
                        assertInstanceOf(Problem.Conflict.class, e.problem());
                        return false;
                    }
                })
                .toList());
        assertEquals(1, made.stream().filter(yes -> yes).count());
    }

    @Test
    void signaturesOfTheCacheAreVerifiedByItsPublicKey() {
        var cache = tables.newCache();
        var key = keys.signing(cache.id()).getFirst();
        assertEquals(cache.name(), key.name());
        var signatures = keys.sign(cache.id(), "1;/nix/store/…");
        assertEquals(1, signatures.size());
        assertTrue(PublicKey.parse(key.toString()).verifies("1;/nix/store/…", signatures.getFirst()));
        assertFalse(key.verifies("2;/nix/store/…", signatures.getFirst()));
    }

    @Test
    void rotatedKeySignsBesideTheOldOneUntilItIsRetired() {
        var cache = tables.newCache();
        keys.sign(cache.id(), "x");
        var second = QuarkusTransaction.requiringNew().call(() -> keys.rotate(cache.id(), cache.name()));
        assertEquals(List.of(cache.name(), second.name()), signers(cache));
        tables.run("insert into cache_key (cache_id, name, public_key, signing) values (%d, 'builder', '\\x%s', false)"
                .formatted(cache.id(), "01".repeat(32)));
        tables.run("update cache_key set signing = false where cache_id = %d and name = '%s'"
                .formatted(cache.id(), cache.name()));
        assertEquals(List.of(second), keys.signing(cache.id()));
        assertEquals(3, keys.publicKeys(cache.id()).size());
    }

    /** Reads in another request, because a request sees a consistent state. */
    private List<String> signers(Cache cache) {
        return CompletableFuture.supplyAsync(() -> keys.sign(cache.id(), "x")).join().stream()
                .map(signature -> signature.keyName())
                .toList();
    }

    @Test
    void secretsAreEncryptedInTheDatabase() {
        var cache = tables.newCache();
        var wrapped =
                tables.column("select encode(secret_wrapped, 'escape') from cache_key where cache_id = " + cache.id());
        assertFalse(wrapped.getFirst().contains(cache.name()));
    }

    @Test
    void countsCoverOneCacheOnly() {
        var cache = tables.newCache();
        assertEquals(new CacheCounts(0, 0, Map.of()), caches.counts(cache.id()));
        recognized.push(cache, "npm", RecognitionFixture.of("lantern", "1.0.0"));
        recognized.push(cache, "npm", RecognitionFixture.of("lantern", "1.1.0"));
        recognized.push(cache, "npm", RecognitionFixture.of("oar", "1.0.0"));
        recognized.push(cache, "pypi", RecognitionFixture.of("oar", "1.0"));
        recognized.push(cache, "pypi", RecognitionFixture.of("mast", "1.0").proposed());
        assertEquals(new CacheCounts(5, 5000, Map.of("npm", 2L, "pypi", 1L)), caches.counts(cache.id()));
        assertEquals(new CacheCounts(0, 0, Map.of()), caches.counts(-1));
    }
}
