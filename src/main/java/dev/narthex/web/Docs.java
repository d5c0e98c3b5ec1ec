package dev.narthex.web;

import dev.narthex.web.view.EcosystemName;
import dev.narthex.web.view.SetUp;
import dev.narthex.web.view.Urls;
import java.util.List;

/**
 * What stands around the text of a page of the docs.
 *
 * @param at id of the ecosystem that the page is about; empty for all
 * @param setup of the cache whose lines it gives
 * @param chosen whether the reader chose that cache
 * @param others names of some caches that could be chosen too
 * @param pages ecosystems that have a page
 */
public record Docs(String at, SetUp setup, boolean chosen, List<String> others, List<EcosystemName> pages) {
    /** The page of an ecosystem, or with "" that for all, for the same cache. */
    public String url(String ecosystem) {
        var page = ecosystem.isEmpty() ? "/docs" : "/docs/" + Urls.encode(ecosystem);
        return chosen ? page + "?cache=" + Urls.query(setup.cache()) : page;
    }

    /** This page for another cache. */
    public String urlFor(String cache) {
        return (at.isEmpty() ? "/docs" : "/docs/" + Urls.encode(at)) + "?cache=" + Urls.query(cache);
    }
}
