package dev.narthex.web.page;

import dev.narthex.spi.Withdrawal;
import dev.narthex.web.view.FormOutcome;
import java.util.Optional;

/**
 * The state of a page's forms for maintainers: those that review and withdraw a release, or those that pin a store path.
 *
 * @param key CSRF token; empty for users who do not see the forms
 * @param told outcome of the submitted form
 * @param words the ecosystem's terms for withdrawing a release without deleting it, if it supports that
 */
public record ReleaseFormState(String key, FormOutcome outcome, Optional<Withdrawal> words) {
    public static final ReleaseFormState NOTHING = new ReleaseFormState("", FormOutcome.NOTHING, Optional.empty());

    public boolean isVisible() {
        return !key.isEmpty();
    }
}
