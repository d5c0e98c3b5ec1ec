package dev.narthex.catalog.release;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.path.BuildLogs;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.spi.Cache;
import dev.narthex.spi.DerivationMeta;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata stored beside paths: metadata of derivations, and build logs. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DerivationMetasTest {
    @Inject
    DerivationMetaRepository metas;

    @Inject
    BuildLogs logs;

    @Inject
    CatalogFixture tables;

    private Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    @Test
    void metadataMayArriveBeforeOrAfterItsPath() {
        var path = tables.newPath(cache, "lantern-3.2.1", 1, List.of());
        var hash = path.path().hash();
        assertEquals(List.of(), add(new DerivationMetaEntry(hash, "lantern", row("\"description\": \"light\""))));
        tables.push(cache, path);
        assertEquals("light", find(hash).description());
        assertEquals(
                List.of(hash), add(new DerivationMetaEntry(hash, "lantern", row("\"description\": \"more light\""))));
        assertEquals("more light", find(hash).description());
        assertEquals(Optional.empty(), metas.find(tables.newCache().id(), hash));
    }

    @Test
    void shortestOfSeveralAttributesIsUsed() {
        var hash = CatalogFixture.hashPart();
        add(
                new DerivationMetaEntry(hash, "pkgsCross.lantern", row("")),
                new DerivationMetaEntry(hash, "lantern", row("")),
                new DerivationMetaEntry(hash, "lanterm", row("")));
        assertEquals("lanterm", find(hash).attribute());
    }

    @Test
    void commonMetaMembersAreRead() {
        var meta = found("""
                "description": "light", "longDescription": "much light", "homepage": ["https://a.example", "https://b.example"],
                "license": [{"spdxId": "MIT"}, {"shortName": "own"}, "free", {"spdxId": "MIT"}],
                "maintainers": [{"name": "Anna", "email": "x"}, {"github": "ben"}, 7, {}],
                "knownVulnerabilities": ["CVE-1"], "mainProgram": "lantern", "changelog": ["https://c.example"]""");
        assertEquals("lantern-3.2.1", meta.name());
        assertEquals("lantern", meta.pname());
        assertEquals("3.2.1", meta.version());
        assertEquals("x86_64-linux", meta.system());
        assertEquals("much light", meta.longDescription());
        assertEquals(List.of("https://a.example", "https://b.example"), meta.homepages());
        assertEquals(List.of("MIT", "own", "free"), meta.licences());
        assertEquals(List.of("Anna", "ben"), meta.maintainers());
        assertEquals(List.of("CVE-1"), meta.vulnerabilities());
        assertEquals("lantern", meta.mainProgram());
        assertEquals("https://c.example", meta.changelog());
        assertTrue(meta.json().contains("much light"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\"description\": null, \"license\": null, \"maintainers\": {}, \"homepage\": 3",
                "\"description\": [], \"license\": [[[]]], \"maintainers\": \"\", \"changelog\": {}, \"mainProgram\": true",
                "\"license\": {\"spdxId\": 5, \"shortName\": null}, \"homepage\": [null, 1, \"\"], \"changelog\": []"
            })
    void malformedMetaMembersAreEmpty(String members) {
        var meta = found(members);
        assertEquals("", meta.description());
        assertEquals(List.of(), meta.licences());
        assertEquals(List.of(), meta.maintainers());
        assertEquals(List.of(), meta.homepages());
        assertEquals("", meta.changelog());
        assertEquals("", meta.mainProgram());
    }

    @Test
    void metaThatIsNotAnObjectIsEmpty() {
        var hash = CatalogFixture.hashPart();
        add(new DerivationMetaEntry(hash, "a", "{\"meta\": [1], \"name\": 4}"));
        assertEquals("{}", find(hash).json());
        assertEquals("", find(hash).name());
    }

    @Test
    void textThatPostgresRejectsIsCleaned() {
        var meta = found(
                "\"description\": \"a\\u0000b\\ud800c\\\\u0000\", \"k\\u0000\": \"\\udc80\", \"n\": 1e400, \"big\": "
                        + "9".repeat(900));
        assertEquals("ab\uFFFDc\\u0000", meta.description());
    }

    @Test
    void hugeRowsAreKept() {
        assertEquals(
                1_000_000,
                found("\"description\": \"" + "x".repeat(1_000_000) + "\"")
                        .description()
                        .length());
        assertEquals(
                200,
                found("\"homepage\": [" + homepages(5000) + "\"last\"]")
                        .homepages()
                        .size());
    }

    private static String homepages(int many) {
        var list = new StringBuilder();
        for (int i = 0; i < many; i++) {
            list.append("\"h").append(i).append("\",");
        }
        return list.toString();
    }

    @Test
    void thousandRowsAreInsertedByOneStatement() {
        var rows = IntStream.range(0, 1000)
                .mapToObj(i -> new DerivationMetaEntry(CatalogFixture.hashPart(), "attr" + i, "{}"))
                .toArray(DerivationMetaEntry[]::new);
        assertEquals(2, RecordingDriver.of(() -> add(rows)).size());
    }

    @Test
    void unreadableMetadataIsSkipped() {
        var hash = CatalogFixture.hashPart();
        add(
                new DerivationMetaEntry("odd", "a", "{}"),
                new DerivationMetaEntry(hash, "a\0", "{}"),
                new DerivationMetaEntry(hash, "a\uD800", "{}"),
                new DerivationMetaEntry(hash, "a\uD801", "{}"),
                new DerivationMetaEntry(hash, "a".repeat(501), "{}"),
                new DerivationMetaEntry(hash, "a", "[]"),
                new DerivationMetaEntry(hash, "a", ""),
                new DerivationMetaEntry(hash, "a", "{\"deep\": " + "[".repeat(5000)),
                new DerivationMetaEntry(hash, "good", "{}"),
                new DerivationMetaEntry(hash, "good", "{\"name\": \"later\"}"));
        assertEquals(List.of("good"), tables.column("select attr from derivation_meta where cache_id = " + cache.id()));
        assertEquals("later", find(hash).name());
        assertEquals(List.of(), add());
    }

    @Test
    void rowsWithoutAPathExpire() {
        var used = tables.push(cache, "used").path().hash();
        add(
                new DerivationMetaEntry(used, "used", "{}"),
                new DerivationMetaEntry(CatalogFixture.hashPart(), "old", "{}"));
        tables.run("update derivation_meta set at = now() - interval '8 days' where cache_id = " + cache.id());
        add(new DerivationMetaEntry(CatalogFixture.hashPart(), "fresh", "{}"));
        assertEquals(1, QuarkusTransaction.requiringNew().call(() -> metas.expire(cache.id(), Duration.ofDays(7))));
        assertEquals(
                List.of("fresh", "used"),
                tables.column("select attr from derivation_meta where cache_id = " + cache.id() + " order by attr"));
    }

    @Test
    void logSurvivesARoundTrip() {
        var drv = CatalogFixture.hashPart() + "-lantern.drv";
        assertFalse(logs.exists(cache.id(), drv));
        put(drv, new byte[] {1, 2});
        put(drv, new byte[] {0, -1});
        assertTrue(logs.exists(cache.id(), drv));
        assertArrayEquals(new byte[] {0, -1}, logs.find(cache.id(), drv).orElseThrow());
        assertEquals(Optional.empty(), logs.find(tables.newCache().id(), drv));
        assertEquals(Optional.empty(), logs.find(cache.id(), "\0odd\uD800"));
    }

    private void put(String drv, byte[] log) {
        QuarkusTransaction.requiringNew().run(() -> logs.put(cache.id(), drv, log));
    }

    private DerivationMeta found(String members) {
        var hash = CatalogFixture.hashPart();
        add(new DerivationMetaEntry(hash, "lantern", row(members)));
        return find(hash);
    }

    private static String row(String members) {
        return """
                {"name": "lantern-3.2.1", "pname": "lantern", "version": "3.2.1", "system": "x86_64-linux", "meta": {%s}}""".formatted(members);
    }

    private DerivationMeta find(String hash) {
        return metas.find(cache.id(), hash).orElseThrow();
    }

    private List<String> add(DerivationMetaEntry... rows) {
        return QuarkusTransaction.requiringNew().call(() -> metas.add(cache.id(), List.of(rows)));
    }
}
