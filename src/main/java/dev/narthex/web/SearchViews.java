package dev.narthex.web;

import dev.narthex.catalog.Caches;
import dev.narthex.catalog.PackageLine;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Hit;
import dev.narthex.web.view.Pages;
import dev.narthex.web.view.SearchView;
import dev.narthex.web.view.SearchView.Filter;
import dev.narthex.web.view.StoreItem;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Search by name; a store path, its hash part or the address of a page leads straight there. */
@ApplicationScoped
class SearchViews {
    private static final int SIZE = 20;
    private static final int NEAR = 5;
    private static final int CANDIDATES = 200;
    private static final int CACHES_LISTED = 20;
    private static final int CACHES_SEARCHED = 5;
    private static final int PATHS = 10;
    private static final int MOST_LETTERS = 64;
    private static final Pattern HASH = Pattern.compile("(?:^|/)([0-9a-df-np-sv-z]{32})(?:-|\\.narinfo|$)");

    private final Caches caches;
    private final Packages packages;
    private final Paths paths;
    private final Ecosystems ecosystems;
    private final Lines lines;
    private final String baseUrl;

    SearchViews(
            Caches caches,
            Packages packages,
            Paths paths,
            Ecosystems ecosystems,
            Lines lines,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.caches = caches;
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
        this.lines = lines;
        this.baseUrl = baseUrl;
    }

    Outcome search(List<Cache> visible, Asked asked) {
        var text = asked.text("q");
        return pasted(visible, text)
                .<Outcome>map(url -> new Outcome.Moved(303, url))
                .orElseGet(() -> new Outcome.Shown(byName(visible, text, asked)));
    }

    /** Packages whose name is nearly this one, nearest first. */
    List<Hit> near(Collection<Cache> caches, String name) {
        var letters = name.substring(0, Math.min(MOST_LETTERS, name.length())).toLowerCase(Locale.ROOT);
        var ids = caches.stream().map(Cache::id).toList();
        if (ids.isEmpty() || letters.length() < 2) {
            return List.of();
        }
        int most = Math.max(2, letters.length() / 3);
        return Pattern.compile("[^\\p{L}\\p{N}]+")
                .splitAsStream(letters)
                .map(word -> word.substring(0, Math.min(3, word.length())))
                .filter(word -> word.length() > 1)
                .limit(3)
                .flatMap(word -> packages.search(ids, Optional.empty(), word, 1, CANDIDATES).items().stream())
                .distinct()
                .filter(line -> distance(letters, line.normalised()) <= most
                        || line.normalised().startsWith(letters))
                .sorted(Comparator.comparingInt((PackageLine line) -> distance(letters, line.normalised())))
                .limit(NEAR)
                .map(lines::hit)
                .toList();
    }

    private SearchView byName(List<Cache> visible, String text, Asked asked) {
        var ecosystem = ecosystems.find(asked.text("ecosystem")).map(e -> e.id());
        var cache = visible.stream()
                .filter(c -> c.name().equals(asked.text("cache")))
                .findFirst();
        var searched = cache.map(List::of).orElse(visible);
        var url =
                new SearchUrl(text, ecosystem.orElse(""), cache.map(Cache::name).orElse(""));
        var ids = searched.stream().map(Cache::id).toList();
        if (text.isEmpty() || ids.isEmpty()) {
            return view(
                    url, new Found(Pages.of(0, 1, SIZE, url.toString()), List.of(), List.of(), List.of()), List.of());
        }
        var page = packages.search(ids, ecosystem, text, asked.number(), SIZE);
        var near = page.items().isEmpty() ? near(searched, text) : List.<Hit>of();
        var paths = page.page() == 1 ? storePaths(searched, text) : List.<StoreItem>of();
        return view(
                url, new Found(Lines.pages(page, url.toString()), page.items(), near, paths), filters(visible, url));
    }

    private record Found(Pages pages, List<PackageLine> items, List<Hit> near, List<StoreItem> paths) {}

    private SearchView view(SearchUrl url, Found found, List<Filter> filters) {
        boolean exact = found.items.stream()
                .findFirst()
                .filter(line -> isExact(line, url.text))
                .isPresent();
        return new SearchView(
                url.text,
                url.cache,
                url.ecosystem,
                found.pages,
                exact,
                lines.hits(found.items),
                found.near,
                found.paths,
                filters);
    }

    /** Sources, scripts and whatever else is no package. */
    private List<StoreItem> storePaths(List<Cache> searched, String text) {
        return searched.stream()
                .limit(CACHES_SEARCHED)
                .flatMap(cache -> paths.withName(cache.id(), text, PATHS).stream()
                        .filter(line -> !line.path().isDerivation())
                        .map(line -> Lines.item(cache, line)))
                .limit(PATHS)
                .toList();
    }

    private boolean isExact(PackageLine line, String text) {
        return ecosystems
                .find(line.ecosystem())
                .filter(e -> e.normalise(text).equals(line.normalised()))
                .isPresent();
    }

    private List<Filter> filters(List<Cache> visible, SearchUrl url) {
        var filters = new ArrayList<Filter>();
        var stocked = stocked(visible);
        for (var name : ecosystems.names()) {
            boolean used = name.id().equals(url.ecosystem);
            if (!used && !stocked.contains(name.id())) {
                continue;
            }
            var there = new SearchUrl(url.text, used ? "" : name.id(), url.cache);
            filters.add(new Filter("ecosystem", name.title(), there.toString(), used));
        }
        for (var cache : visible.subList(0, Math.min(CACHES_LISTED, visible.size()))) {
            boolean used = cache.name().equals(url.cache);
            var there = new SearchUrl(url.text, url.ecosystem, used ? "" : cache.name());
            filters.add(new Filter("cache", cache.name(), there.toString(), used));
        }
        return filters;
    }

    /** Ecosystems that have something to be found; of many caches the first ones tell. */
    private Set<String> stocked(List<Cache> visible) {
        return visible.stream()
                .limit(CACHES_SEARCHED)
                .flatMap(cache -> caches.counts(cache.id()).packagesByEcosystem().keySet().stream())
                .collect(Collectors.toSet());
    }

    private Optional<String> pasted(List<Cache> visible, String text) {
        if (text.startsWith(baseUrl + "/")) {
            return ownPage(text);
        }
        var hash = HASH.matcher(text);
        return hash.find() ? pathPage(visible, hash.group(1)) : Optional.empty();
    }

    private Optional<String> pathPage(List<Cache> visible, String hash) {
        return StorePath.isHash(hash)
                ? visible.stream()
                        .filter(cache -> paths.find(cache.id(), hash).isPresent())
                        .findFirst()
                        .map(cache -> Urls.storePath(cache.name(), hash))
                : Optional.empty();
    }

    private Optional<String> ownPage(String url) {
        try {
            var raw = new URI(url).getRawPath();
            return PageAddress.parse(raw).isPresent() ? Optional.of(raw) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Edits of one letter, or swaps of two neighbours, from one to the other (optimal string alignment). */
    static int distance(String a, String b) {
        var rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 ? j : j == 0 ? i : cheapest(rows, a, b, i, j);
            }
        }
        return rows[a.length()][b.length()];
    }

    private static int cheapest(int[][] rows, String a, String b, int i, int j) {
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best;
    }

    /** The address of a search, without a page number. */
    private record SearchUrl(String text, String ecosystem, String cache) {
        @Override
        public String toString() {
            return "/search?q=" + Urls.query(text)
                    + (ecosystem.isEmpty() ? "" : "&ecosystem=" + Urls.query(ecosystem))
                    + (cache.isEmpty() ? "" : "&cache=" + Urls.query(cache));
        }
    }
}
