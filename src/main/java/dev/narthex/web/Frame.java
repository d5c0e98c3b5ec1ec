package dev.narthex.web;

import dev.narthex.web.view.Urls;

/**
 * What is around the content of every page.
 *
 * @param page path and query of this page, as asked for
 * @param theme "light", "dark", or empty for what the reader's system says
 * @param query what stands in the search field
 * @param twin address of the same as JSON, or empty
 */
public record Frame(String page, String theme, String query, String twin) {
    /** As the value of a query parameter. */
    public String back() {
        return Urls.query(page);
    }
}
