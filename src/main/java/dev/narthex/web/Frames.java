package dev.narthex.web;

import dev.narthex.access.SignIn;
import dev.narthex.web.Frame.Door;
import dev.narthex.web.Frame.Forms;
import jakarta.enterprise.context.ApplicationScoped;

/** Makes what is around the content of a page, for its reader. */
@ApplicationScoped
class Frames {
    private final SignIn signIn;

    Frames(SignIn signIn) {
        this.signIn = signIn;
    }

    /** Of a page that there is for people only. */
    Frame of(Asked asked, String searched) {
        return of(asked, searched, Forms.NONE);
    }

    /** Of a page of the reader's own: nothing is new on it for others, and no search engine sees it. */
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
