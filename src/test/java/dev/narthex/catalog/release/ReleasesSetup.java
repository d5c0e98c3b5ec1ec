package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.support.CatalogFixture;
import dev.narthex.catalog.support.ReleaseFixture;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import jakarta.inject.Inject;
import org.junit.jupiter.api.BeforeEach;

/** An empty cache, and the services that record releases in it. */
abstract class ReleasesSetup {
    static final String NPM = "npm";
    static final String NIX = "nix";

    @Inject
    Releases releases;

    @Inject
    Packages packages;

    @Inject
    Paths paths;

    @Inject
    ChangeLog changes;

    @Inject
    CatalogFixture tables;

    @Inject
    ReleaseFixture recognized;

    Cache cache;

    @BeforeEach
    void anEmptyCache() {
        cache = tables.newCache();
    }

    Artifact served(String name) {
        return packages.findPublished(cache, NPM, name)
                .orElseThrow()
                .releases()
                .getFirst()
                .artifacts()
                .getFirst();
    }

    long packageId(String name) {
        return packages.find(cache.id(), NPM, name).orElseThrow().id();
    }
}
