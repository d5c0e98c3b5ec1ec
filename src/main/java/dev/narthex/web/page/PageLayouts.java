package dev.narthex.web.page;

import dev.narthex.access.SignIn;
import dev.narthex.web.page.PageLayout.Door;
import dev.narthex.web.page.PageLayout.Forms;
import jakarta.enterprise.context.ApplicationScoped;

/** Builds the layout data of a page for the current user. */
@ApplicationScoped
public class PageLayouts {
    private final SignIn signIn;

    PageLayouts(SignIn signIn) {
        this.signIn = signIn;
    }

    /** Returns the layout of a page without alternate forms. */
    public PageLayout of(PageRequest asked, String searched) {
        return of(asked, searched, Forms.NONE);
    }

    /** Returns the layout of a user's own page, which has a JSON twin but no feed and no canonical URL. */
    public PageLayout withTwin(PageRequest asked) {
        return of(asked, "", Forms.twin(asked));
    }

    public PageLayout of(PageRequest asked, String searched, Forms forms) {
        return new PageLayout(asked.pathAndQuery(), asked.theme(), searched, forms, door());
    }

    private Door door() {
        if (signIn.provider().isEmpty()) {
            return Door.NONE;
        }
        if (!signIn.signedIn()) {
            return Door.OPEN;
        }
        return signIn.admin() ? Door.ADMIN : Door.PASSED;
    }
}
