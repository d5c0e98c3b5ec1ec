package dev.narthex.web;

import dev.narthex.web.view.Urls;

/**
 * What is around the content of every page.
 *
 * @param page path and query of this page, as asked for
 * @param theme "light", "dark", or empty for what the reader's system says
 * @param query what stands in the search field
 * @param forms what else of it there is for programs
 * @param door what the head of the page offers to its reader
 */
public record Frame(String page, String theme, String query, Forms forms, Door door) {
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

    /**
     * The same page for programs; each is empty if there is none.
     *
     * @param twin address of it as JSON
     * @param feed address of what is new on it
     * @param canonical full address under which search engines know it; of a page that they should leave alone there is none
     */
    public record Forms(String twin, String feed, String canonical) {
        static final Forms NONE = new Forms("", "", "");

        static Forms twin(Asked asked) {
            return new Forms(asked.twinAddress(), "", "");
        }
    }

    public String twin() {
        return forms.twin();
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
