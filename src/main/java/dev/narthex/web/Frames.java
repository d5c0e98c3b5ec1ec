package dev.narthex.web;

import dev.narthex.access.SignIn;
import dev.narthex.web.Frame.Door;
import dev.narthex.web.Frame.Forms;
import jakarta.enterprise.context.ApplicationScoped;

/** Builds the layout data of a page for the current user. */
@ApplicationScoped
class Frames {
    private final SignIn signIn;

    Frames(SignIn signIn) {
        this.signIn = signIn;
    }

    /** Returns the layout of a page without alternate forms. */
    Frame of(Asked asked, String searched) {
        return of(asked, searched, Forms.NONE);
    }

    /** Returns the layout of a user's own page, which has a JSON twin but no feed and no canonical URL. */
    Frame withTwin(Asked asked) {
        return of(asked, "", Forms.twin(asked));
    }

    Frame of(Asked asked, String searched, Forms forms) {
        return new Frame(asked.pathAndQuery(), asked.theme(), searched, forms, door());
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
