package dev.narthex.web;

import dev.narthex.web.view.Told;

/**
 * The form by which a maintainer decides about what is proposed of a release.
 *
 * @param key what it carries; empty for a reader who is not shown it
 * @param told what became of it
 */
public record Deciding(String key, Told told) {
    static final Deciding NOTHING = new Deciding("", Told.NOTHING);

    public boolean shown() {
        return !key.isEmpty();
    }
}
