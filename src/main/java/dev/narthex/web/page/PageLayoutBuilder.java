package dev.narthex.web.page;

import dev.narthex.access.SignIn;
import dev.narthex.web.page.PageLayout.AlternateForms;
import dev.narthex.web.page.PageLayout.SignInState;
import jakarta.enterprise.context.ApplicationScoped;

/** Builds the layout data of a page for the current user. */
@ApplicationScoped
public class PageLayoutBuilder {
    private final SignIn signIn;

    PageLayoutBuilder(SignIn signIn) {
        this.signIn = signIn;
    }

    /** Returns the layout of a page without alternate forms. */
    public PageLayout of(PageRequest request, String searchText) {
        return of(request, searchText, AlternateForms.NONE);
    }

    /** Returns the layout of a user's own page, which has a JSON twin but no feed and no canonical URL. */
    public PageLayout withTwin(PageRequest request) {
        return of(request, "", AlternateForms.twin(request));
    }

    public PageLayout of(PageRequest request, String searchText, AlternateForms forms) {
        return new PageLayout(request.pathAndQuery(), request.theme(), searchText, forms, signInState());
    }

    private SignInState signInState() {
        if (signIn.provider().isEmpty()) {
            return SignInState.NONE;
        }
        if (!signIn.signedIn()) {
            return SignInState.OPEN;
        }
        return signIn.admin() ? SignInState.ADMIN : SignInState.PASSED;
    }
}
