package dev.narthex.web.page;

import dev.narthex.catalog.Page;
import dev.narthex.catalog.path.PathRelease;
import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.release.PackageSummary;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.search.Highlighter;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.SearchHit;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.FilterableList.IndexState;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Hit.Marks;
import dev.narthex.web.view.Pagination;
import dev.narthex.web.view.RelatedRelease;
import dev.narthex.web.view.Span;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Maps catalog and search records to the records of views. */
@ApplicationScoped
public class ViewMapper {
    private final InstalledEcosystems ecosystems;

    ViewMapper(InstalledEcosystems ecosystems) {
        this.ecosystems = ecosystems;
    }

    public Hit toHit(PackageSummary line) {
        return new Hit(
                Urls.packagePage(line.cache(), line.ecosystem(), line.normalized()),
                line.cache(),
                ecosystems.name(line.ecosystem()),
                line.name(),
                line.version(),
                line.summary(),
                line.licence(),
                line.publishedAt(),
                line.dependents(),
                line.downloads(),
                line.alsoIn().stream().map(ecosystems::name).toList(),
                Marks.NONE);
    }

    /** @param caches caches that the user may see */
    public Hit toHit(SearchHit match, Collection<Cache> caches) {
        var cache = caches.stream()
                .filter(c -> c.id() == match.cacheId())
                .map(Cache::name)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("found in a cache that was not asked for"));
        return new Hit(
                Urls.packagePage(cache, match.ecosystem(), match.normalized()),
                cache,
                ecosystems.name(match.ecosystem()),
                match.name(),
                match.version(),
                match.summary(),
                match.licence(),
                match.updated(),
                match.dependents(),
                match.downloads(),
                match.alsoIn().stream().map(ecosystems::name).toList(),
                Marks.NONE);
    }

    /** Maps a hit and marks what matches the query. A name that matches completely is not marked. */
    public Hit toHit(SearchHit match, Collection<Cache> caches, Highlighter marking) {
        var hit = toHit(match, caches);
        var name = toSpans(marking.inName(hit.name()));
        boolean whole = name.equals(List.of(new Span(0, hit.name().length())));
        return hit.marked(new Marks(whole ? List.of() : name, toSpans(marking.inProse(hit.summary()))));
    }

    private static List<Span> toSpans(List<Highlighter.Part> parts) {
        return parts.stream().map(part -> new Span(part.from(), part.to())).toList();
    }

    public List<Hit> hits(List<PackageSummary> lines) {
        return lines.stream().map(this::toHit).toList();
    }

    public RelatedRelease toRelatedRelease(Cache cache, PathRelease release) {
        return new RelatedRelease(
                Urls.release(cache.name(), release.ecosystem(), release.normalized(), release.version()),
                ecosystems.name(release.ecosystem()),
                release.name(),
                release.version(),
                release.released());
    }

    public static StoreItem item(Cache cache, StorePath path, long narSize) {
        return new StoreItem(Urls.storePath(cache.name(), path.hash()), path.toString(), path.name(), narSize);
    }

    public static StoreItem item(Cache cache, PathSummary line) {
        return item(cache, line.path(), line.narSize());
    }

    public static List<StoreItem> items(Cache cache, List<PathSummary> lines) {
        return lines.stream().map(line -> item(cache, line)).toList();
    }

    public static List<StoreItem> largestFirst(Cache cache, List<PathSummary> lines) {
        return lines.stream()
                .sorted(Comparator.comparingLong(PathSummary::narSize).reversed())
                .map(line -> item(cache, line))
                .toList();
    }

    /** @param answered whether the index answered */
    public static IndexState state(PackageSearchIndex.State state, boolean answered) {
        return new IndexState(answered, state.building(), state.done(), state.total(), state.asOf());
    }

    /** @throws dev.narthex.problem.ProblemException NotFound for a page after the last, whose total is unknown */
    public static Pagination pages(Page<?> page, String url) {
        if (page.items().isEmpty() && page.page() > 1) {
            throw Problem.notFound("page", url + ", number " + page.page());
        }
        return Pagination.of(page.total(), page.page(), page.size(), url);
    }
}
