package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class CachesTest {
    @Inject
    Caches caches;

    @Inject
    CacheKeys keys;

    @Inject
    BuildLogs logs;

    @Inject
    Stock stock;

    @Inject
    Sql sql;

    private Cache create(String name, boolean open) {
        return QuarkusTransaction.requiringNew().call(() -> caches.create(name, "S\0ummary ", open, stock.domain()));
    }

    @Test
    void aCacheIsMadeWithAKeyThatSigns() {
        var cache = create("garden", true);
        assertEquals(Optional.of(cache), caches.find("garden"));
        assertEquals("Summary", cache.summary());
        assertTrue(cache.automatic());
        assertEquals(41, cache.priority());
        var key = keys.signing(cache.id()).getFirst();
        assertEquals("garden", key.name());
        assertEquals(List.of(key), keys.known(cache.id()));
        var signature = keys.sign(cache.id(), "fingerprint").getFirst();
        assertTrue(key.verifies("fingerprint", signature));
        assertEquals(new CacheCounts(0, 0, Map.of()), caches.counts(cache.id()));
        assertEquals(0, Statements.of(() -> keys.sign(cache.id(), "other")).size());
    }

    @Test
    void theSecretIsNotInTheDatabase() {
        var cache = create("vaulted", false);
        var row = sql.rows("select secret_wrapped from cache_key where cache_id = :cache", Map.of("cache", cache.id()))
                .getFirst();
        assertFalse(new String(row.bytes("secret_wrapped"), java.nio.charset.StandardCharsets.ISO_8859_1)
                .contains("vaulted"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-a", "a-", "A", "a_b", "a b", "search", "v2", "upload-path", "a.b", "ä", "robots.txt", "a\0"
            })
    void someNamesNoCacheMayHave(String name) {
        assertThrows(ProblemException.class, () -> create(name, true));
    }

    @Test
    void aNameIsGivenOnceEvenAfterDeletion() {
        var cache = create("meadow", true);
        assertThrows(ProblemException.class, () -> create("meadow", true));
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change("update cache set deleted_at = now() where id = :id", Map.of("id", cache.id())));
        assertTrue(caches.find("meadow").isEmpty());
        assertThrows(ProblemException.class, () -> create("meadow", true));
        assertThrows(ProblemException.class, () -> create("x".repeat(51), true));
        assertEquals(50, create("x".repeat(50), true).name().length());
    }

    @Test
    void openCachesAreVisible() {
        var hidden = create("cellar", false);
        var open = create("porch", true);
        assertTrue(caches.visible(1000).contains(open));
        assertFalse(caches.visible(1000).contains(hidden));
        assertTrue(caches.list(1000).contains(hidden));
        assertTrue(caches.find("\0cellar").isPresent());
    }

    @Test
    void buildLogsAreKeptByDerivationAndReplaced() {
        var cache = stock.cache();
        var drv = Stock.storePath("lantern.drv").base();
        for (byte b = 1; b < 3; b++) {
            var zstd = new byte[] {b};
            QuarkusTransaction.requiringNew().run(() -> logs.put(cache.id(), drv, zstd));
        }
        assertEquals(2, logs.find(cache.id(), drv).orElseThrow()[0]);
        assertTrue(logs.exists(cache.id(), drv));
        assertFalse(logs.exists(stock.cache().id(), drv));
        assertTrue(logs.find(cache.id(), "\0").isEmpty());
    }
}
