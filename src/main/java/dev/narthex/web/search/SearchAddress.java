package dev.narthex.web.search;

import dev.narthex.search.Facet;
import dev.narthex.search.SearchQuery.Order;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.view.Urls;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The URL of a search or listing, without the page number. The URL contains the whole state, so filters are plain links.
 *
 * @param page path of the URL
 * @param text search text; empty for a listing
 * @param chosen active filters by facet; for caches, the value is the cache's name
 * @param sort sort order as in the URL; empty for the default
 * @param all name of the facet whose values are all listed, as in the URL; usually empty
 */
public record SearchAddress(String page, String text, Map<Facet, String> chosen, String sort, String all) {
    private static final String SEARCH = "/search";
    private static final String NEWEST = "updated";

    public SearchAddress {
        var filters = new EnumMap<Facet, String>(Facet.class);
        chosen.forEach((facet, value) -> {
            if (!value.isEmpty()) {
                filters.put(facet, value);
            }
        });
        chosen = Map.copyOf(filters);
    }

    public static SearchAddress search(PageRequest request) {
        return of(request, SEARCH, request.text("q"));
    }

    /** Parses the URL of a listing, whose path already determines cache and registry. */
    public static SearchAddress listing(PageRequest request, String path) {
        return of(request, path, "").with(Facet.CACHE, "").with(Facet.ECOSYSTEM, "");
    }

    private static SearchAddress of(PageRequest request, String page, String text) {
        var chosen = new EnumMap<Facet, String>(Facet.class);
        for (var facet : Facet.values()) {
            chosen.put(facet, request.text(parameter(facet)));
        }
        return new SearchAddress(page, text, chosen, request.text("sort"), request.text("all"));
    }

    static String parameter(Facet facet) {
        return switch (facet) {
            case ECOSYSTEM -> "ecosystem";
            case CACHE -> "cache";
            case LICENCE -> "license";
            case SYSTEM -> "system";
            case TRUST -> "trust";
            case KEYWORD -> "keyword";
        };
    }

    List<Facet> facets() {
        return Arrays.stream(Facet.values())
                .filter(facet -> isSearch() || (facet != Facet.CACHE && facet != Facet.ECOSYSTEM))
                .toList();
    }

    private boolean isSearch() {
        return page.equals(SEARCH);
    }

    /** Returns the sort order; by default, searches are sorted by relevance and listings by name. */
    Order order() {
        return switch (sort) {
            case "dependents" -> Order.DEPENDENTS;
            case "downloads" -> Order.DOWNLOADS;
            case NEWEST -> Order.UPDATED;
            case "name" -> Order.NAME;
            default -> isSearch() ? Order.BEST : Order.NAME;
        };
    }

    /** Returns the name of the effective sort order, even if the URL does not contain a valid one. */
    String sorted() {
        return order().name().toLowerCase(Locale.ROOT);
    }

    String chosen(Facet facet) {
        return chosen.getOrDefault(facet, "");
    }

    /** @param value empty to remove the filter */
    SearchAddress with(Facet facet, String value) {
        var other = new EnumMap<Facet, String>(Facet.class);
        other.putAll(chosen);
        other.put(facet, value);
        return new SearchAddress(page, text, other, sort, all);
    }

    SearchAddress unfiltered() {
        return new SearchAddress(page, text, Map.of(), sort, "");
    }

    /** Returns the URL without sort order, which identifies the listed packages. */
    public String narrowing() {
        return new SearchAddress(page, text, chosen, "", "").toString();
    }

    SearchAddress newestFirst() {
        return new SearchAddress(page, text, chosen, NEWEST, all);
    }

    SearchAddress withAll(Facet facet) {
        return new SearchAddress(page, text, chosen, sort, parameter(facet));
    }

    @Override
    public String toString() {
        var url = new StringBuilder(page);
        if (isSearch()) {
            url.append("?q=").append(Urls.query(text));
        }
        Arrays.stream(Facet.values()).forEach(facet -> append(url, parameter(facet), chosen(facet)));
        append(url, "sort", sort);
        append(url, "all", all);
        return url.toString();
    }

    private static void append(StringBuilder url, String parameter, String value) {
        if (!value.isEmpty()) {
            url.append(url.indexOf("?") < 0 ? '?' : '&')
                    .append(parameter)
                    .append('=')
                    .append(Urls.query(value));
        }
    }
}
