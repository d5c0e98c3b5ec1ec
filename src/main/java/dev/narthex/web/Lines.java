package dev.narthex.web;

import dev.narthex.catalog.KnownAs;
import dev.narthex.catalog.PackageLine;
import dev.narthex.catalog.Page;
import dev.narthex.catalog.PathLine;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.search.Index;
import dev.narthex.search.Marking;
import dev.narthex.search.Match;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Filtered.IndexState;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Hit.Marks;
import dev.narthex.web.view.Known;
import dev.narthex.web.view.Pages;
import dev.narthex.web.view.Span;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Maps catalog and search records to the records of views. */
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
                line.alsoIn().stream().map(ecosystems::name).toList(),
                Marks.NONE);
    }

    /** @param caches caches that the user may see */
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
                match.alsoIn().stream().map(ecosystems::name).toList(),
                Marks.NONE);
    }

    /** Maps a hit and marks what matches the query. A name that matches completely is not marked. */
    Hit hit(Match match, Collection<Cache> caches, Marking marking) {
        var hit = hit(match, caches);
        var name = spans(marking.inName(hit.name()));
        boolean whole = name.equals(List.of(new Span(0, hit.name().length())));
        return hit.marked(new Marks(whole ? List.of() : name, spans(marking.inProse(hit.summary()))));
    }

    private static List<Span> spans(List<Marking.Part> parts) {
        return parts.stream().map(part -> new Span(part.from(), part.to())).toList();
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

    /** @param answered whether the index answered */
    static IndexState state(Index.State state, boolean answered) {
        return new IndexState(answered, state.building(), state.done(), state.total(), state.asOf());
    }

    /** @throws dev.narthex.problem.ProblemException NotFound for a page after the last, whose total is unknown */
    static Pages pages(Page<?> page, String url) {
        if (page.items().isEmpty() && page.page() > 1) {
            throw new Problem.NotFound("page", url + ", number " + page.page()).asException();
        }
        return Pages.of(page.total(), page.page(), page.size(), url);
    }
}
