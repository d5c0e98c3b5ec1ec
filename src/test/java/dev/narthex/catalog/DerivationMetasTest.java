package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Meta;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DerivationMetasTest {
    private static final String HASH = Stock.storePath("hello-2.12").hash();

    @Inject
    DerivationMetas metas;

    @Inject
    Stock stock;

    @Inject
    Sql sql;

    private List<String> add(Cache cache, MetaRow... rows) {
        return QuarkusTransaction.requiringNew().call(() -> metas.add(cache.id(), List.of(rows)));
    }

    private Meta meta(Cache cache) {
        return metas.find(cache.id(), HASH).orElseThrow();
    }

    @Test
    void aRowIsReadWithEverythingThatPagesShow() {
        var cache = stock.cache();
        add(cache, new MetaRow(HASH, "hello", """
                {"drvPath":"/nix/store/bzgnjrkzbhp6sgyd2yka5yii1jn9n203-hello-2.12.drv","name":"hello-2.12","pname":"hello",
                 "system":"x86_64-linux","version":"2.12","meta":{"description":"Greets <b>you</b>","longDescription":"Long",
                 "homepage":["http://a.example","http://b.example"],"license":[{"spdxId":"MIT"},{"shortName":"own"},"Zlib"],
                 "maintainers":[{"name":"Lena","email":"l@example.org"},{"github":"otto"},"Ida",7],
                 "knownVulnerabilities":["CVE-1"],"mainProgram":"hello","changelog":["http://c.example"]}}"""));
        var meta = meta(cache);
        assertEquals("hello", meta.attribute());
        assertEquals("hello-2.12", meta.name());
        assertEquals("2.12", meta.version());
        assertEquals("Greets <b>you</b>", meta.description());
        assertEquals(List.of("http://a.example", "http://b.example"), meta.homepages());
        assertEquals(List.of("MIT", "own", "Zlib"), meta.licences());
        assertEquals(List.of("Lena", "otto", "Ida"), meta.maintainers());
        assertEquals(List.of("CVE-1"), meta.vulnerabilities());
        assertEquals("http://c.example", meta.changelog());
        assertTrue(meta.json().contains("mainProgram"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"meta\":null,\"name\":7}",
                "{\"meta\":[1],\"version\":{}}",
                "{\"meta\":{\"license\":7,\"homepage\":{},\"maintainers\":\"\",\"description\":[],\"changelog\":[]}}",
                "{\"meta\":{\"description\":null,\"license\":[null,[],{}]}}"
            })
    void anOddRowIsEmptyNotAFault(String json) {
        var cache = stock.cache();
        add(cache, new MetaRow(HASH, "odd", json));
        var meta = meta(cache);
        assertEquals("", meta.description());
        assertEquals(List.of(), meta.licences());
        assertEquals(List.of(), meta.homepages());
        assertEquals(List.of(), meta.maintainers());
    }

    @Test
    void hostileRowsAreKeptCleanOrPassedOver() {
        var cache = stock.cache();
        add(
                cache,
                new MetaRow(HASH, "a", "not json"),
                new MetaRow(HASH, "b", "[]"),
                new MetaRow("nohash", "c", "{}"),
                new MetaRow(HASH, "d\0", "{}"),
                new MetaRow(HASH, "e".repeat(1 << 20), "{}"),
                new MetaRow(HASH, "nested", "[".repeat(100_000)),
                new MetaRow(HASH, "number", "{\"n\":1e999999999,\"m\":" + "9".repeat(5000) + "}"));
        assertTrue(metas.find(cache.id(), HASH).isEmpty()
                || meta(cache).attribute().equals("number"));
        add(cache, new MetaRow(HASH, "f", "{\"\\u0000k\":\"\\ud800\",\"name\":\"x\\u0000y\\\\u0000\",\"big\":1e400}"));
        assertEquals("xy\\u0000", meta(cache).name());
    }

    @Test
    void laterRowsReplaceAndTheShortestAttributeSpeaks() {
        var cache = stock.cache();
        add(
                cache,
                new MetaRow(HASH, "set.hello", "{\"name\":\"long\"}"),
                new MetaRow(HASH, "hi", "{\"name\":\"one\"}"));
        add(cache, new MetaRow(HASH, "hi", "{\"name\":\"two\"}"), new MetaRow(HASH, "hi", "{\"name\":\"three\"}"));
        assertEquals("three", meta(cache).name());
        assertTrue(metas.find(stock.cache().id(), HASH).isEmpty());
    }

    @Test
    void addingSaysWhichPathsAreHere() {
        var cache = stock.cache();
        var here = stock.path(cache, "hello-2.12").path().hash();
        var absent = Stock.storePath("absent").hash();
        assertEquals(
                List.of(here),
                add(cache, new MetaRow(here, "a", "{}"), new MetaRow(here, "b", "{}"), new MetaRow(absent, "c", "{}")));
        assertEquals(List.of(), add(cache));
    }

    @Test
    void aThousandRowsAreOneStatement() {
        var cache = stock.cache();
        var rows = new ArrayList<MetaRow>();
        for (int i = 0; i < 1000; i++) {
            rows.add(new MetaRow(HASH, "attr" + i, "{}"));
        }
        assertEquals(
                2,
                Statements.of(() -> QuarkusTransaction.requiringNew().call(() -> metas.add(cache.id(), rows)))
                        .size());
    }

    @Test
    void rowsThatNoPathAsksForExpire() {
        var cache = stock.cache();
        var here = stock.path(cache, "lantern").path().hash();
        add(cache, new MetaRow(HASH, "a", "{}"), new MetaRow(here, "b", "{}"));
        QuarkusTransaction.requiringNew()
                .run(() -> sql.change(
                        "update derivation_meta set at = at - interval '8 days' where cache_id = :cache",
                        Map.of("cache", cache.id())));
        assertEquals(1, QuarkusTransaction.requiringNew().call(() -> metas.expire(cache.id(), Duration.ofDays(7))));
        assertTrue(metas.find(cache.id(), HASH).isEmpty());
        assertTrue(metas.find(cache.id(), here).isPresent());
    }
}
