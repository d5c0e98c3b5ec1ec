package dev.narthex.web.search;

import dev.narthex.catalog.release.Packages;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.Hit;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds packages with similar names, for "did you mean" suggestions. */
@ApplicationScoped
public class DidYouMean {
    private static final int NEAR = 5;
    private static final int CANDIDATES = 200;
    private static final int MAX_LETTERS = 64;

    private final PackageSearchIndex index;
    private final Packages packages;
    private final ViewMapper mapper;

    DidYouMean(PackageSearchIndex index, Packages packages, ViewMapper mapper) {
        this.index = index;
        this.packages = packages;
        this.mapper = mapper;
    }

    /** Returns packages with a name similar to this one, most similar first. */
    public List<Hit> of(Collection<Cache> caches, String name) {
        var letters = name.substring(0, Math.min(MAX_LETTERS, name.length())).toLowerCase(Locale.ROOT);
        var ids = caches.stream().map(Cache::id).toList();
        if (ids.isEmpty() || letters.length() < 2) {
            return List.of();
        }
        int max = Math.max(2, letters.length() / 3);
        return index.similarNames(letters, ids, CANDIDATES)
                .map(hits -> hits.stream().map(match -> mapper.toHit(match, caches)))
                .orElseGet(() -> named(ids, letters))
                .distinct()
                .filter(hit -> distance(letters, name(hit)) <= max || name(hit).startsWith(letters))
                .sorted(Comparator.comparingInt((Hit hit) -> distance(letters, name(hit))))
                .limit(NEAR)
                .toList();
    }

    private static String name(Hit hit) {
        return hit.name().toLowerCase(Locale.ROOT);
    }

    private Stream<Hit> named(List<Long> ids, String letters) {
        return Pattern.compile("[^\\p{L}\\p{N}]+")
                .splitAsStream(letters)
                .map(word -> word.substring(0, Math.min(3, word.length())))
                .filter(word -> word.length() > 1)
                .limit(3)
                .flatMap(word -> packages.search(ids, Optional.empty(), word, 1, CANDIDATES).items().stream())
                .map(mapper::toHit);
    }

    /** Returns the edit distance, with swaps of adjacent characters counted as one edit (optimal string alignment). */
    static int distance(String a, String b) {
        var rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                rows[i][j] = i == 0 ? j : j == 0 ? i : minCost(rows, a, b, i, j);
            }
        }
        return rows[a.length()][b.length()];
    }

    private static int minCost(int[][] rows, String a, String b, int i, int j) {
        int replaced = rows[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(replaced, Math.min(rows[i - 1][j], rows[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, rows[i - 2][j - 2] + 1) : best;
    }
}
