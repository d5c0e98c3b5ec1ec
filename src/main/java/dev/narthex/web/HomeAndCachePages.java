package dev.narthex.web;

import dev.narthex.catalog.Page;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheCounts;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.cache.CacheStats;
import dev.narthex.catalog.cache.CacheStatsQuery;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.Packages;
import dev.narthex.nix.PublicKey;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.CacheLine;
import dev.narthex.web.view.CacheView;
import dev.narthex.web.view.CachesView;
import dev.narthex.web.view.ClientSetup;
import dev.narthex.web.view.HomeView;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Builds the home page, the list of caches, and the pages of a cache. */
@ApplicationScoped
class HomeAndCachePages {
    private static final int ON_HOME = 8;
    private static final int COUNTED = 100;

    private final CacheCatalog caches;
    private final CacheStatsQuery stats;
    private final CacheKeyring keys;
    private final Packages packages;
    private final Paths paths;
    private final InstalledEcosystems ecosystems;
    private final ViewMapper mapper;
    private final String baseUrl;

    HomeAndCachePages(
            CacheCatalog caches,
            CacheStatsQuery stats,
            CacheKeyring keys,
            Packages packages,
            Paths paths,
            InstalledEcosystems ecosystems,
            ViewMapper mapper,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.caches = caches;
        this.stats = stats;
        this.keys = keys;
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.mapper = mapper;
        this.baseUrl = baseUrl;
    }

    HomeView home(List<Cache> visible) {
        var ids = visible.stream().map(Cache::id).toList();
        var caches = visible.subList(0, Math.min(COUNTED, visible.size()));
        var counted = cacheLines(caches);
        var totals = stats.totals(ids);
        return new HomeView(
                largestCache(caches, counted).map(this::clientSetup),
                new HomeView.StoreTotals(visible.size(), totals.packages(), totals.paths()),
                ids.isEmpty() ? List.of() : mapper.hits(packages.newest(ids, ON_HOME)),
                ids.isEmpty() ? List.of() : mapper.hits(packages.mostDepended(ids, ON_HOME)),
                counted.subList(0, Math.min(ON_HOME, counted.size())));
    }

    /** Returns the public cache with the most packages, whose setup lines are the most useful example. */
    private static Optional<Cache> largestCache(List<Cache> caches, List<CacheLine> lines) {
        return lines.stream()
                .filter(CacheLine::open)
                .max(Comparator.comparingLong(CacheLine::packages))
                .flatMap(line -> caches.stream()
                        .filter(cache -> cache.name().equals(line.name()))
                        .findFirst());
    }

    CachesView caches(List<Cache> visible, PageRequest request) {
        int page = request.pageNumber();
        var caches = visible.stream().skip((page - 1L) * COUNTED).limit(COUNTED).toList();
        var pages = ViewMapper.pages(new Page<>(caches, visible.size(), page, COUNTED), "/caches");
        return new CachesView(pages, cacheLines(caches));
    }

    CacheView cache(Cache cache) {
        var counts = caches.counts(cache.id());
        return new CacheView(
                cache.name(),
                cache.summary(),
                cache.open(),
                baseUrl + Urls.cache(cache.name()),
                clientSetup(cache).publicKeys(),
                counts.paths(),
                counts.narBytes(),
                ecosystemLines(cache, counts),
                mapper.hits(packages.newest(List.of(cache.id()), ON_HOME)),
                newestPaths(cache));
    }

    /** Returns the newest paths without derivations, which arrive in large numbers with their outputs and are less interesting. */
    private List<StoreItem> newestPaths(Cache cache) {
        return paths.newest(cache.id(), ON_HOME * 10).stream()
                .filter(line -> !line.path().isDerivation())
                .limit(ON_HOME)
                .map(line -> ViewMapper.item(cache, line))
                .toList();
    }

    ClientSetup clientSetup(Cache cache) {
        return new ClientSetup(
                baseUrl,
                cache.name(),
                keys.signing(cache.id()).stream().map(PublicKey::toString).toList());
    }

    /**
     * Returns setup values for pages without a cache: those of a public cache if there is one, else of any visible cache, else
     * placeholders.
     */
    ClientSetup defaultClientSetup(List<Cache> visible) {
        var caches = visible.subList(0, Math.min(COUNTED, visible.size()));
        return largestCache(caches, cacheLines(caches))
                .or(() -> visible.stream().findFirst())
                .map(this::clientSetup)
                .orElse(new ClientSetup(baseUrl, "CACHE", List.of()));
    }

    private List<CacheLine> cacheLines(List<Cache> caches) {
        var statsById = stats.of(caches.stream().map(Cache::id).toList());
        return caches.stream()
                .flatMap(cache -> Optional.ofNullable(statsById.get(cache.id())).map(now -> line(cache, now)).stream())
                .toList();
    }

    private static CacheLine line(Cache cache, CacheStats now) {
        return new CacheLine(
                Urls.cache(cache.name()),
                cache.name(),
                cache.summary(),
                cache.open(),
                now.packages(),
                now.paths(),
                now.narBytes(),
                now.lastPush());
    }

    private List<CacheView.EcosystemLine> ecosystemLines(Cache cache, CacheCounts counts) {
        return ecosystems.names().stream()
                .flatMap(name -> Optional.ofNullable(
                        counts.packagesByEcosystem().get(name.id()))
                        .map(count -> new CacheView.EcosystemLine(Urls.listing(cache.name(), name.id()), name, count))
                        .stream())
                .toList();
    }
}
