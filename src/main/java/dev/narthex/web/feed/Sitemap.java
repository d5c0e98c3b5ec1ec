package dev.narthex.web.feed;

import dev.narthex.catalog.cache.Caches;
import dev.narthex.catalog.release.ReleaseDates;
import dev.narthex.catalog.release.ReleaseDates.Dated;
import dev.narthex.catalog.release.ReleaseDates.Place;
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

    private final Caches caches;
    private final ReleaseDates dates;
    private final String baseUrl;

    Sitemap(Caches caches, ReleaseDates dates, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.caches = caches;
        this.dates = dates;
        this.baseUrl = baseUrl;
    }

    void index(Writer out) throws IOException {
        var all = caches.listReadable(List.of(), CACHES);
        var parts = dates.parts(all.stream().map(Cache::id).toList(), PACKAGES);
        var xml = new XmlWriter(out, "sitemapindex", NAMESPACE);
        for (var cache : all) {
            part(xml, cache, "");
            for (var place : parts.getOrDefault(cache.id(), List.of())) {
                part(xml, cache, "&after=" + Urls.query(place.ecosystem() + "/" + place.normalized()));
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
    void part(Writer out, Cache cache, Optional<Place> after) throws IOException {
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

    private void packages(XmlWriter xml, Cache cache, Place place) throws IOException {
        var after = place.normalized();
        List<Dated> some;
        int left = PACKAGES;
        do {
            some = dates.packages(cache.id(), place.ecosystem(), after, Math.min(BATCH, left));
            for (var one : some) {
                var url = Urls.packagePage(cache.name(), place.ecosystem(), one.normalized());
                xml.start("url")
                        .leaf("loc", baseUrl + url)
                        .leaf("lastmod", one.at())
                        .end();
                after = one.normalized();
            }
            left -= some.size();
        } while (some.size() == BATCH && left > 0);
    }
}
