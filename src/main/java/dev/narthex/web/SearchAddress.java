package dev.narthex.web;

import dev.narthex.search.Facet;
import dev.narthex.search.Query.Order;
import dev.narthex.web.view.Urls;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The address of a search or a listing, without the number of a page. State is in the address alone, so filters are links.
 *
 * @param page its path
 * @param text what is searched for; a listing has none
 * @param chosen by facet; of a cache its name
 * @param sort as in the address; empty for what is usual
 * @param all the facet whose every value is listed, as in the address; mostly empty
 */
record SearchAddress(String page, String text, Map<Facet, String> chosen, String sort, String all) {
    private static final String SEARCH = "/search";
    private static final String NEWEST = "updated";

    SearchAddress {
        var kept = new EnumMap<Facet, String>(Facet.class);
        chosen.forEach((facet, value) -> {
            if (!value.isEmpty()) {
                kept.put(facet, value);
            }
        });
        chosen = Map.copyOf(kept);
    }

    static SearchAddress search(Asked asked) {
        return of(asked, SEARCH, asked.text("q"));
    }

    /** The path of a listing says cache and registry. */
    static SearchAddress listing(Asked asked, String path) {
        return of(asked, path, "").with(Facet.CACHE, "").with(Facet.ECOSYSTEM, "");
    }

    private static SearchAddress of(Asked asked, String page, String text) {
        var chosen = new EnumMap<Facet, String>(Facet.class);
        for (var facet : Facet.values()) {
            chosen.put(facet, asked.text(parameter(facet)));
        }
        return new SearchAddress(page, text, chosen, asked.text("sort"), asked.text("all"));
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

    /** The best match first, in a listing by name. */
    Order order() {
        return switch (sort) {
            case "dependents" -> Order.DEPENDENTS;
            case "downloads" -> Order.DOWNLOADS;
            case NEWEST -> Order.UPDATED;
            case "name" -> Order.NAME;
            default -> isSearch() ? Order.BEST : Order.NAME;
        };
    }

    /** The word of the order that is used, whatever was given. */
    String sorted() {
        return order().name().toLowerCase(Locale.ROOT);
    }

    String chosen(Facet facet) {
        return chosen.getOrDefault(facet, "");
    }

    /** @param value empty for no choice */
    SearchAddress with(Facet facet, String value) {
        var other = new EnumMap<Facet, String>(Facet.class);
        other.putAll(chosen);
        other.put(facet, value);
        return new SearchAddress(page, text, other, sort, all);
    }

    SearchAddress unfiltered() {
        return new SearchAddress(page, text, Map.of(), sort, "");
    }

    /** What is listed, whatever the order. */
    String narrowing() {
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
