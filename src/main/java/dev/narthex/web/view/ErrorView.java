package dev.narthex.web.view;

import java.util.List;

/**
 * A problem as a page. Its twin is the problem itself.
 *
 * @param name what was looked for, if it was a name; else empty
 */
public record ErrorView(int status, String title, String detail, String name, List<Hit> near) {
    public String nameQuery() {
        return Urls.query(name);
    }
}
