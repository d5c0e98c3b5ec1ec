package dev.narthex.web;

import dev.narthex.access.SignIn;
import dev.narthex.web.Frame.Door;
import jakarta.enterprise.context.ApplicationScoped;

/** Makes what is around the content of a page, for its reader. */
@ApplicationScoped
class Frames {
    private final SignIn signIn;

    Frames(SignIn signIn) {
        this.signIn = signIn;
    }

    /** Of a page without a twin. */
    Frame of(Asked asked, String searched) {
        return new Frame(asked.pathAndQuery(), asked.theme(), searched, "", door());
    }

    Frame withTwin(Asked asked, String searched) {
        return new Frame(asked.pathAndQuery(), asked.theme(), searched, asked.twinAddress(), door());
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
