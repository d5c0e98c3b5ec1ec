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
public record PageLayout(String page, String theme, String query, AlternateForms forms, SignInState door) {
    /** The user's sign-in state. */
    public enum SignInState {
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
    public record AlternateForms(String twin, String feed, String canonical) {
        public static final AlternateForms NONE = new AlternateForms("", "", "");

        static AlternateForms twin(PageRequest request) {
            return new AlternateForms(request.twinAddress(), "", "");
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
        return door == SignInState.OPEN;
    }

    public boolean signedIn() {
        return door == SignInState.PASSED || door == SignInState.ADMIN;
    }

    public boolean admin() {
        return door == SignInState.ADMIN;
    }
}
