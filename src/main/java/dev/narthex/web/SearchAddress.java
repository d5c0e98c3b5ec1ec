package dev.narthex.web;

import dev.narthex.search.Facet;
import dev.narthex.search.Query;
import dev.narthex.web.view.Urls;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The address of a search, without the number of a page. State is in the address alone, so filters are links.
 *
 * @param chosen by facet; of a cache its name
 * @param sort as in the address; empty for the best match first
 * @param all the facet whose every value is listed, as in the address; mostly empty
 */
record SearchAddress(String text, Map<Facet, String> chosen, String sort, String all) {
    SearchAddress {
        var kept = new EnumMap<Facet, String>(Facet.class);
        chosen.forEach((facet, value) -> {
            if (!value.isEmpty()) {
                kept.put(facet, value);
            }
        });
        chosen = Map.copyOf(kept);
    }

    static SearchAddress of(Asked asked) {
        var chosen = new EnumMap<Facet, String>(Facet.class);
        for (var facet : Facet.values()) {
            chosen.put(facet, asked.text(parameter(facet)));
        }
        return new SearchAddress(asked.text("q"), chosen, asked.text("sort"), asked.text("all"));
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

    Query.Order order() {
        return switch (sort) {
            case "dependents" -> Query.Order.DEPENDENTS;
            case "downloads" -> Query.Order.DOWNLOADS;
            case "updated" -> Query.Order.UPDATED;
            case "name" -> Query.Order.NAME;
            default -> Query.Order.BEST;
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
        return new SearchAddress(text, other, sort, all);
    }

    SearchAddress listing(Facet facet) {
        return new SearchAddress(text, chosen, sort, parameter(facet));
    }

    @Override
    public String toString() {
        var url = new StringBuilder("/search?q=").append(Urls.query(text));
        Arrays.stream(Facet.values()).forEach(facet -> append(url, parameter(facet), chosen(facet)));
        append(url, "sort", sort);
        append(url, "all", all);
        return url.toString();
    }

    private static void append(StringBuilder url, String parameter, String value) {
        if (!value.isEmpty()) {
            url.append('&').append(parameter).append('=').append(Urls.query(value));
        }
    }
}
