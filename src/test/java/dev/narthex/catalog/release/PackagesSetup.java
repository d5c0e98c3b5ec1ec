package dev.narthex.catalog.release;

import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Cache;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;

/** An empty cache, and the services that read packages from it. */
abstract class PackagesSetup {
    static final String NPM = "npm";

    @Inject
    Packages packages;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    void tag(String name, String tag, String version) {
        tables.run("""
                insert into tag (package_id, name, release_id) select p.id, '%s', r.id from package p
                join release r on r.package_id = p.id where p.cache_id = %d and p.normalized = '%s' and r.version = '%s'""".formatted(tag, cache.id(), name, version));
    }

    long id(String ecosystem, String normalized) {
        return packages.find(cache.id(), ecosystem, normalized).orElseThrow().id();
    }
}
