package dev.narthex.web.page;

import dev.narthex.web.view.Urls;

/**
 * The layout data of every page.
 *
 * @param page path and query of this page, as requested
 * @param theme "light", "dark", or empty for the system's setting
 * @param query content of the search field
 * @param forms alternate forms of the page for programs
 * @param door sign-in state for the page header
 */
public record PageLayout(String page, String theme, String query, Forms forms, Door door) {
    /** The user's sign-in state. */
    public enum Door {
        /** Signing in is not possible, because no identity provider is configured. */
        NONE,
        /** Not signed in. */
        OPEN,
        /** Signed in, but not as an admin. */
        PASSED,
        /** Signed in as an admin of this instance. */
        ADMIN
    }

    /**
     * URLs of alternate forms of the page; empty for forms that do not exist.
     *
     * @param twin URL of the JSON twin
     * @param feed URL of the page's feed
     * @param canonical absolute canonical URL for search engines
     */
    public record Forms(String twin, String feed, String canonical) {
        public static final Forms NONE = new Forms("", "", "");

        static Forms twin(PageRequest asked) {
            return new Forms(asked.twinAddress(), "", "");
        }
    }

    public String twin() {
        return forms.twin();
    }

    /** Returns this page's path and query as the value of a query parameter, for redirects after sign-in. */
    public String back() {
        return Urls.query(page);
    }

    public boolean canSignIn() {
        return door == Door.OPEN;
    }

    public boolean signedIn() {
        return door == Door.PASSED || door == Door.ADMIN;
    }

    public boolean admin() {
        return door == Door.ADMIN;
    }
}
