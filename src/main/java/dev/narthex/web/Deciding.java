package dev.narthex.web;

import dev.narthex.spi.Withdrawal;
import dev.narthex.web.view.Told;
import java.util.Optional;

/**
 * The forms by which a maintainer decides about what is proposed of a release, and about what is served.
 *
 * @param key what they carry; empty for a reader who is not shown them
 * @param told what became of one
 * @param words how the ecosystem takes releases back that stay, if it does
 */
public record Deciding(String key, Told told, Optional<Withdrawal> words) {
    static final Deciding NOTHING = new Deciding("", Told.NOTHING, Optional.empty());

    public boolean shown() {
        return !key.isEmpty();
    }
}
