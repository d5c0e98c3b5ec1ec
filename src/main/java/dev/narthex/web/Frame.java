package dev.narthex.web;

import dev.narthex.web.view.Urls;

/**
 * What is around the content of every page.
 *
 * @param page path and query of this page, as asked for
 * @param theme "light", "dark", or empty for what the reader's system says
 * @param query what stands in the search field
 * @param twin address of the same as JSON, or empty
 * @param door what the head of the page offers to its reader
 */
public record Frame(String page, String theme, String query, String twin, Door door) {
    /** Whether one can sign in. */
    public enum Door {
        /** Nobody can. */
        NONE,
        /** The reader can, and has not. */
        OPEN,
        /** The reader has. */
        PASSED,
        /** And he is an admin of this instance. */
        ADMIN
    }

    /** As the value of a query parameter. */
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
