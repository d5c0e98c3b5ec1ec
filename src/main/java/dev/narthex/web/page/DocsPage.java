package dev.narthex.web.page;

import dev.narthex.web.view.ClientSetup;
import dev.narthex.web.view.EcosystemName;
import dev.narthex.web.view.Urls;
import java.util.List;

/**
 * The layout data of a documentation page.
 *
 * @param at id of the page's ecosystem; empty for the general page
 * @param setup setup values of the cache that the examples use
 * @param chosen whether the user selected that cache
 * @param others names of some other caches to select
 * @param pages ecosystems with a documentation page
 */
public record DocsPage(String at, ClientSetup setup, boolean chosen, List<String> others, List<EcosystemName> pages) {
    /** Returns the URL of an ecosystem's page, or of the general page for an empty id, with the same cache. */
    public String url(String ecosystem) {
        var page = ecosystem.isEmpty() ? "/docs" : "/docs/" + Urls.encode(ecosystem);
        return chosen ? page + "?cache=" + Urls.query(setup.cache()) : page;
    }

    /** Returns the URL of this page with another cache. */
    public String urlFor(String cache) {
        return (at.isEmpty() ? "/docs" : "/docs/" + Urls.encode(at)) + "?cache=" + Urls.query(cache);
    }
}
