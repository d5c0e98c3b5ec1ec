package dev.narthex.web.feed;

import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.catalog.release.ReleaseHistory.DatedPackage;
import dev.narthex.catalog.release.ReleaseHistory.ListPosition;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Writes sitemaps (sitemaps.org, version 0.9) with the canonical pages of public caches. The index lists the parts of each cache.
 * A part contains packages of one registry, starting after a given package name, so that it can be found without counting the
 * preceding ones and written in batches.
 */
@ApplicationScoped
class Sitemap {
    /** Maximum number of caches. An index may list at most 50,000 parts, which the caches share. */
    private static final int CACHES = 10_000;

    /** Maximum number of URLs in a part. */
    private static final int PACKAGES = 50_000;

    private static final int BATCH = 1000;
    private static final String NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9";

    private final CacheCatalog caches;
    private final ReleaseHistory history;
    private final String baseUrl;

    Sitemap(CacheCatalog caches, ReleaseHistory history, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.caches = caches;
        this.history = history;
        this.baseUrl = baseUrl;
    }

    void index(Writer out) throws IOException {
        var all = caches.listReadable(List.of(), CACHES);
        var parts = history.partition(all.stream().map(Cache::id).toList(), PACKAGES);
        var xml = new XmlWriter(out, "sitemapindex", NAMESPACE);
        for (var cache : all) {
            part(xml, cache, "");
            for (var position : parts.getOrDefault(cache.id(), List.of())) {
                part(xml, cache, "&after=" + Urls.query(position.ecosystem() + "/" + position.normalized()));
            }
        }
        xml.finish();
    }

    private void part(XmlWriter xml, Cache cache, String after) throws IOException {
        xml.start("sitemap")
                .leaf("loc", baseUrl + "/sitemap.xml?cache=" + Urls.query(cache.name()) + after)
                .end();
    }

    /**
     * Writes one part of a cache's sitemap.
     *
     * @param after position before the first package; empty for the part with the pages of the cache and its registries
     */
    void part(Writer out, Cache cache, Optional<ListPosition> after) throws IOException {
        var xml = new XmlWriter(out, "urlset", NAMESPACE);
        if (after.isPresent()) {
            packages(xml, cache, after.get());
        } else {
            page(xml, Urls.cache(cache.name()));
            for (var ecosystem : caches.counts(cache.id()).packagesByEcosystem().keySet()) {
                page(xml, Urls.listing(cache.name(), ecosystem));
            }
        }
        xml.finish();
    }

    private void page(XmlWriter xml, String url) throws IOException {
        xml.start("url").leaf("loc", baseUrl + url).end();
    }

    private void packages(XmlWriter xml, Cache cache, ListPosition position) throws IOException {
        var after = position.normalized();
        List<DatedPackage> packages;
        int left = PACKAGES;
        do {
            packages = history.packages(cache.id(), position.ecosystem(), after, Math.min(BATCH, left));
            for (var pkg : packages) {
                var url = Urls.packagePage(cache.name(), position.ecosystem(), pkg.normalized());
                xml.start("url")
                        .leaf("loc", baseUrl + url)
                        .leaf("lastmod", pkg.at())
                        .end();
                after = pkg.normalized();
            }
            left -= packages.size();
        } while (packages.size() == BATCH && left > 0);
    }
}
