package dev.narthex.web;

import dev.narthex.catalog.CacheCounts;
import dev.narthex.catalog.CacheKeys;
import dev.narthex.catalog.Caches;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Page;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.PublicKey;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.CacheLine;
import dev.narthex.web.view.CacheView;
import dev.narthex.web.view.CachesView;
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.SetUp;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Home, the list of caches, one cache, and one registry of it. */
@ApplicationScoped
class GlobalViews {
    private static final int ON_HOME = 8;
    private static final int COUNTED = 100;

    private final Caches caches;
    private final CacheKeys keys;
    private final Packages packages;
    private final Paths paths;
    private final Ecosystems ecosystems;
    private final Lines lines;
    private final String baseUrl;

    GlobalViews(
            Caches caches,
            CacheKeys keys,
            Packages packages,
            Paths paths,
            Ecosystems ecosystems,
            Lines lines,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.caches = caches;
        this.keys = keys;
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.lines = lines;
        this.baseUrl = baseUrl;
    }

    HomeView home(List<Cache> visible) {
        var ids = visible.stream().map(Cache::id).toList();
        var shown = visible.stream().filter(Cache::open).findFirst().map(this::setUp);
        var listed = cacheLines(visible.subList(0, Math.min(ON_HOME, visible.size())));
        return new HomeView(
                shown,
                ids.isEmpty() ? List.of() : lines.hits(packages.newest(ids, ON_HOME)),
                ids.isEmpty() ? List.of() : lines.hits(packages.mostDepended(ids, ON_HOME)),
                listed);
    }

    CachesView caches(List<Cache> visible, Asked asked) {
        int page = asked.number();
        var some = visible.stream().skip((page - 1L) * COUNTED).limit(COUNTED).toList();
        var pages = Lines.pages(new Page<>(some, visible.size(), page, COUNTED), "/caches");
        return new CachesView(pages, cacheLines(some));
    }

    CacheView cache(Cache cache) {
        var counts = caches.counts(cache.id());
        return new CacheView(
                cache.name(),
                cache.summary(),
                cache.open(),
                baseUrl + Urls.cache(cache.name()),
                setUp(cache).publicKeys(),
                counts.paths(),
                counts.narBytes(),
                shelves(cache, counts),
                lines.hits(packages.newest(List.of(cache.id()), ON_HOME)),
                newestPaths(cache));
    }

    /** Derivations come in crowds with what they built, and say less. */
    private List<StoreItem> newestPaths(Cache cache) {
        return paths.newest(cache.id(), ON_HOME * 10).stream()
                .filter(line -> !line.path().isDerivation())
                .limit(ON_HOME)
                .map(line -> Lines.item(cache, line))
                .toList();
    }

    SetUp setUp(Cache cache) {
        return new SetUp(
                baseUrl,
                cache.name(),
                keys.signing(cache.id()).stream().map(PublicKey::toString).toList());
    }

    /** For pages that explain without a cache at hand. */
    SetUp anySetUp(List<Cache> visible) {
        return visible.stream().findFirst().map(this::setUp).orElse(new SetUp(baseUrl, "CACHE", List.of()));
    }

    List<CacheLine> cacheLines(List<Cache> some) {
        return some.stream()
                .map(cache -> new CacheLine(
                        Urls.cache(cache.name()), cache.name(), cache.summary(), cache.open(), packagesIn(cache)))
                .toList();
    }

    private long packagesIn(Cache cache) {
        return caches.counts(cache.id()).packagesByEcosystem().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private List<CacheView.Shelf> shelves(Cache cache, CacheCounts counts) {
        return ecosystems.names().stream()
                .flatMap(name ->
                        Optional.ofNullable(counts.packagesByEcosystem().get(name.id()))
                                .map(count -> new CacheView.Shelf(Urls.listing(cache.name(), name.id()), name, count))
                                .stream())
                .toList();
    }
}
