package dev.narthex.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.spi.Cache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** How many queries reads cost, and that each names the cache. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class QueriesTest {
    @Inject
    Caches caches;

    @Inject
    Paths paths;

    @Inject
    Packages packages;

    @Inject
    PackageLists lists;

    @Inject
    Changes changes;

    @Inject
    DerivationMetas metas;

    @Inject
    BuildLogs logs;

    @Inject
    Stock stock;

    private record Read(int queries, Supplier<?> read) {}

    /** Reads of a cache that holds this path, each with what it may cost. */
    private Map<String, Read> reads(Cache cache, PathFacts path) {
        var id = packages.find(cache.id(), "npm", "lantern").orElseThrow().id();
        var ids = List.of(cache.id());
        var base = path.path().base();
        var reads = new LinkedHashMap<String, Read>();
        reads.put("find cache", new Read(1, () -> caches.find(cache.name())));
        reads.put("counts", new Read(1, () -> caches.counts(cache.id())));
        reads.put(
                "narinfo", new Read(1, () -> paths.find(cache.id(), path.path().hash())));
        reads.put("serves", new Read(1, () -> paths.serves(cache.id(), path.narId())));
        reads.put(
                "closure",
                new Read(1, () -> paths.closure(cache.id(), path.path().hash(), 1000)));
        reads.put("referrers", new Read(1, () -> paths.referrers(cache.id(), base, 1)));
        reads.put("lines", new Read(1, () -> paths.lines(cache.id(), List.of(base))));
        reads.put("newest paths", new Read(1, () -> paths.newest(cache.id(), 10)));
        reads.put("paths by name", new Read(1, () -> paths.withName(cache.id(), "lan", 10)));
        reads.put("outputs", new Read(1, () -> paths.outputsOf(cache.id(), base)));
        reads.put("known as", new Read(1, () -> paths.knownAs(cache.id(), path.id())));
        reads.put(
                "missing",
                new Read(
                        1,
                        () -> QuarkusTransaction.requiringNew().call(() -> paths.missing(cache.id(), List.of(base)))));
        reads.put("package", new Read(1, () -> packages.find(cache.id(), "npm", "lantern")));
        reads.put("versions", new Read(1, () -> packages.releases(id, 100)));
        reads.put("default version", new Read(1, () -> packages.defaultVersion(id)));
        reads.put("version", new Read(1, () -> packages.resolve(id, "1.0")));
        reads.put("latest", new Read(2, () -> packages.resolve(id, "latest")));
        reads.put("release", new Read(2, () -> packages.release(cache, "npm", "lantern", "1.0")));
        reads.put("served", new Read(3, () -> packages.served(cache, "npm", "lantern")));
        reads.put("file", new Read(1, () -> packages.file(cache.id(), "npm", "lantern", "lantern-1.0.tgz")));
        for (var sort : Sort.values()) {
            reads.put("list by " + sort, new Read(1, () -> packages.list(cache.id(), "npm", sort, 1)));
        }
        reads.put("search", new Read(1, () -> packages.search(ids, Optional.empty(), "lan", 1, 20)));
        reads.put("newest", new Read(1, () -> packages.newest(ids, 8)));
        reads.put("most depended on", new Read(1, () -> lists.mostDepended(ids, 8)));
        reads.put("dependents", new Read(1, () -> packages.dependents(cache.id(), "npm", "oil", 1)));
        reads.put("dependent count", new Read(1, () -> packages.dependentCount(cache.id(), "npm", "oil")));
        reads.put("present", new Read(1, () -> packages.present(cache.id(), "npm", List.of("oil", "lantern"))));
        reads.put("names", new Read(1, () -> packages.names(cache.id(), "npm", "", 10)));
        reads.put("meta", new Read(1, () -> metas.find(cache.id(), path.path().hash())));
        reads.put("log", new Read(1, () -> logs.find(cache.id(), base)));
        reads.put("revision", new Read(1, changes::revision));
        return reads;
    }

    private Map<String, Integer> costs(Map<String, Read> reads) {
        var costs = new LinkedHashMap<String, Integer>();
        reads.forEach((name, read) -> costs.put(name, Statements.of(read.read()).size()));
        return costs;
    }

    @Test
    void readsCostAsManyQueriesHoweverMuchThereIs() {
        var cache = stock.cache();
        var path = stock.released(cache, "lantern", "1.0", Stock.needs("oil"));
        var reads = reads(cache, path);
        var expected = new LinkedHashMap<String, Integer>();
        reads.forEach((name, read) -> expected.put(name, read.queries()));
        assertEquals(expected, costs(reads));
        for (int i = 0; i < 30; i++) {
            stock.released(cache, "lantern", "1.1." + i, Stock.needs("oil"), Stock.needs("wick" + i));
            stock.released(cache, "lantern" + i, "1.0", Stock.needs("lantern"));
            stock.path(cache, "user-" + i, path.path().base());
        }
        assertEquals(expected, costs(reads));
        assertEquals(
                31,
                packages.served(cache, "npm", "lantern")
                        .orElseThrow()
                        .releases()
                        .size());
    }

    /** A query may begin at a package or release whose id the caller got by the cache; all others name it. */
    @Test
    void everyQueryNamesTheCache() {
        var cache = stock.cache();
        var path = stock.released(cache, "lantern", "1.0", Stock.needs("oil"));
        var nameless = new ArrayList<String>();
        reads(cache, path)
                .forEach((name, read) -> Statements.of(read.read()).stream()
                        .filter(sql -> !sql.contains("cache_id") && !sql.contains("p.id = ?"))
                        .filter(sql -> !sql.contains("change_head") && !sql.contains("from cache "))
                        .forEach(nameless::add));
        assertEquals(List.of(), nameless);
        assertTrue(Statements.of(() -> stock.released(cache, "lantern", "2.0", Stock.needs("oil")))
                        .size()
                > 5);
    }
}
