package dev.narthex.web;

import dev.narthex.spi.Withdrawal;
import dev.narthex.web.view.Told;
import java.util.Optional;

/**
 * The state of a page's forms for maintainers: those that review and withdraw a release, or those that pin a store path.
 *
 * @param key CSRF token; empty for users who do not see the forms
 * @param told outcome of the submitted form
 * @param words the ecosystem's terms for withdrawing a release without deleting it, if it supports that
 */
public record Deciding(String key, Told told, Optional<Withdrawal> words) {
    static final Deciding NOTHING = new Deciding("", Told.NOTHING, Optional.empty());

    public boolean shown() {
        return !key.isEmpty();
    }
}
