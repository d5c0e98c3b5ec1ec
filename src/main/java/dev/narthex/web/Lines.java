package dev.narthex.web;

import dev.narthex.catalog.KnownAs;
import dev.narthex.catalog.PackageLine;
import dev.narthex.catalog.Page;
import dev.narthex.catalog.PathLine;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.search.Match;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Known;
import dev.narthex.web.view.Pages;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Lines of the catalog as lines of pages. */
@ApplicationScoped
class Lines {
    private final Ecosystems ecosystems;

    Lines(Ecosystems ecosystems) {
        this.ecosystems = ecosystems;
    }

    Hit hit(PackageLine line) {
        return new Hit(
                Urls.packagePage(line.cache(), line.ecosystem(), line.normalised()),
                line.cache(),
                ecosystems.name(line.ecosystem()),
                line.name(),
                line.version(),
                line.summary(),
                line.licence(),
                line.publishedAt(),
                line.dependents(),
                line.downloads(),
                line.alsoIn().stream().map(ecosystems::name).toList());
    }

    /** @param caches those that the reader may see */
    Hit hit(Match match, Collection<Cache> caches) {
        var cache = caches.stream()
                .filter(c -> c.id() == match.cacheId())
                .map(Cache::name)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("found in a cache that was not asked for"));
        return new Hit(
                Urls.packagePage(cache, match.ecosystem(), match.normalised()),
                cache,
                ecosystems.name(match.ecosystem()),
                match.name(),
                match.version(),
                match.summary(),
                match.licence(),
                match.updated(),
                match.dependents(),
                match.downloads(),
                match.alsoIn().stream().map(ecosystems::name).toList());
    }

    List<Hit> hits(List<PackageLine> lines) {
        return lines.stream().map(this::hit).toList();
    }

    Known known(Cache cache, KnownAs known) {
        return new Known(
                Urls.release(cache.name(), known.ecosystem(), known.normalised(), known.version()),
                ecosystems.name(known.ecosystem()),
                known.name(),
                known.version(),
                known.released());
    }

    static StoreItem item(Cache cache, StorePath path, long narSize) {
        return new StoreItem(Urls.storePath(cache.name(), path.hash()), path.toString(), path.name(), narSize);
    }

    static StoreItem item(Cache cache, PathLine line) {
        return item(cache, line.path(), line.narSize());
    }

    static List<StoreItem> items(Cache cache, List<PathLine> lines) {
        return lines.stream().map(line -> item(cache, line)).toList();
    }

    static List<StoreItem> heaviestFirst(Cache cache, List<PathLine> lines) {
        return lines.stream()
                .sorted(Comparator.comparingLong(PathLine::narSize).reversed())
                .map(line -> item(cache, line))
                .toList();
    }

    /** @throws dev.narthex.problem.ProblemException NotFound for a page after the last, which knows no total */
    static Pages pages(Page<?> page, String url) {
        if (page.items().isEmpty() && page.page() > 1) {
            throw new Problem.NotFound("page", url + ", number " + page.page()).asException();
        }
        return Pages.of(page.total(), page.page(), page.size(), url);
    }
}
