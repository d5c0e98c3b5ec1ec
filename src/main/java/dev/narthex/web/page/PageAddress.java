package dev.narthex.web.page;

import dev.narthex.http.PercentEncoding;
import dev.narthex.nix.StorePath;
import dev.narthex.nix.SurrogateEscapedText;
import dev.narthex.publish.registry.ReleaseName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The page that a URL refers to, parsed from its raw path. A page and its JSON twin have the same address. Segments are split
 * before they are decoded, so an encoded slash never separates segments. Texts are {@link SurrogateEscapedText}, because file
 * names are bytes.
 */
public sealed interface PageAddress {
    String PROVENANCE = "provenance";
    String SECURITY = "security";
    String KEPT = "kept";
    Set<String> PACKAGE_TABS =
            Set.of("versions", "dependencies", "dependents", "files", "derivation", PROVENANCE, SECURITY);
    Set<String> PATH_TABS = Set.of("closure", "referrers", "files", "derivation", "log", KEPT);
    String OVERVIEW = "";
    String FILES = "files";
    String DIFF = "diff";

    record Home() implements PageAddress {}

    record Caches() implements PageAddress {}

    record Search() implements PageAddress {}

    /** The target of comparison forms; the query names the two sides. */
    record Compare() implements PageAddress {}

    record CachePage(String cache) implements PageAddress {}

    record Listing(String cache, String ecosystem) implements PageAddress {}

    /**
     * A package, or a tab of one of its versions.
     *
     * @param name as written in the URL; may contain slashes and begin with {@code @scope/}
     * @param version version or tag; empty for the default version
     * @param tab one of {@link #PACKAGE_TABS}, empty for the overview
     * @param file path inside the release for the tab "files", else empty
     */
    record PackagePage(String cache, String ecosystem, String name, Optional<String> version, String tab, String file)
            implements PageAddress {}

    /**
     * A store path, or one of its tabs.
     *
     * @param hash 32 characters
     * @param tab one of {@link #PATH_TABS}, empty for the overview
     */
    record PathPage(String cache, String hash, String tab, String file) implements PageAddress {}

    /**
     * A comparison of two versions of a package.
     *
     * @param a version or tag
     * @param b version or tag
     */
    record TwoReleases(String cache, String ecosystem, String name, String a, String b) implements PageAddress {
        public PackagePage first() {
            return new PackagePage(cache, ecosystem, name, Optional.of(a), OVERVIEW, "");
        }

        public PackagePage second() {
            return new PackagePage(cache, ecosystem, name, Optional.of(b), OVERVIEW, "");
        }
    }

    /**
     * A comparison of two store paths.
     *
     * @param a 32 characters
     * @param cacheOfB equal to {@code cache} unless the URL names another cache
     * @param b 32 characters
     */
    record TwoPaths(String cache, String a, String cacheOfB, String b) implements PageAddress {}

    /**
     * Parses a path. It does not look anything up, so the page may not exist.
     *
     * @param rawPath path of a URL, still percent-encoded, with its leading slash
     * @return empty if no page can have this path
     */
    static Optional<PageAddress> parse(String rawPath) {
        if (rawPath.equals("/")) {
            return Optional.of(new Home());
        }
        return PercentEncoding.decodeSegments(rawPath).flatMap(PageAddress::of);
    }

    private static Optional<PageAddress> of(List<String> segments) {
        var first = segments.getFirst();
        return switch (segments.size()) {
            case 1 ->
                Optional.of(
                        switch (first) {
                            case "caches" -> new Caches();
                            case "search" -> new Search();
                            case DIFF -> new Compare();
                            default -> new CachePage(first);
                        });
            case 2 -> Optional.of(new Listing(first, segments.get(1)));
            default -> {
                var rest = segments.subList(2, segments.size());
                yield segments.get(1).equals("path") ? ofPath(first, rest) : ofPackage(first, segments.get(1), rest);
            }
        };
    }

    private static Optional<PageAddress> ofPath(String cache, List<String> rest) {
        if (!StorePath.isHash(rest.getFirst())) {
            return Optional.empty();
        }
        if (rest.size() > 1 && rest.get(1).equals(DIFF)) {
            return ofTwoPaths(cache, rest.getFirst(), rest.subList(2, rest.size()));
        }
        return tab(rest.subList(1, rest.size()), PATH_TABS)
                .map(tab -> new PathPage(cache, rest.getFirst(), tab.name, tab.file));
    }

    /** Parses a hash part, optionally preceded by the name of another cache. */
    private static Optional<PageAddress> ofTwoPaths(String cache, String hash, List<String> rest) {
        boolean elsewhere = rest.size() == 2;
        return (elsewhere || rest.size() == 1) && StorePath.isHash(rest.getLast())
                ? Optional.of(new TwoPaths(cache, hash, elsewhere ? rest.getFirst() : cache, rest.getLast()))
                : Optional.empty();
    }

    private static Optional<PageAddress> ofPackage(String cache, String ecosystem, List<String> rest) {
        var release = ReleaseName.parse(rest);
        if (release.isEmpty()) {
            return Optional.of(
                    new PackagePage(cache, ecosystem, String.join("/", rest), Optional.empty(), OVERVIEW, ""));
        }
        return release.filter(r -> !r.version().isEmpty())
                .flatMap(r -> ofRelease(cache, ecosystem, r.name(), r.version(), r.rest()));
    }

    private static Optional<PageAddress> ofRelease(
            String cache, String ecosystem, String name, String version, List<String> below) {
        if (!below.isEmpty() && below.getFirst().equals(DIFF)) {
            return below.size() == 2
                    ? Optional.of(new TwoReleases(cache, ecosystem, name, version, below.getLast()))
                    : Optional.empty();
        }
        return tab(below, PACKAGE_TABS)
                .map(tab -> new PackagePage(cache, ecosystem, name, Optional.of(version), tab.name, tab.file));
    }

    /** Returns the release whose overview the page is; empty for other pages and for URLs without a version. */
    static Optional<PackagePage> release(PageAddress page) {
        return page instanceof PackagePage packagePage
                        && packagePage.version().isPresent()
                        && packagePage.tab().equals(OVERVIEW)
                ? Optional.of(packagePage)
                : Optional.empty();
    }

    private static Optional<Tab> tab(List<String> rest, Set<String> known) {
        if (rest.isEmpty()) {
            return Optional.of(new Tab(OVERVIEW, ""));
        }
        var name = rest.getFirst();
        if (!known.contains(name) || (rest.size() > 1 && !name.equals(FILES))) {
            return Optional.empty();
        }
        return Optional.of(new Tab(name, String.join("/", rest.subList(1, rest.size()))));
    }

    /** A tab's name and, for "files", the path of the file. */
    record Tab(String name, String file) {}
}
