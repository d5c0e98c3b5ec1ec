package dev.narthex.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * How far packs are moved.
 *
 * @param to the backend that new packs go to
 * @param state moving; failed, until it is tried again; done, with nothing left elsewhere; or idle, with something left that
 *     nobody moves
 * @param leftPacks packs elsewhere, of {@code leftBytes}
 * @param reason why it failed last
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record StoreMoveStatus(String to, String state, long leftPacks, long leftBytes, Optional<String> reason) {
    /** One line, state and numbers first, as {@code deploy/run move-store} reads it. */
    String text() {
        return state + " " + leftPacks + " " + leftBytes + " " + reason.orElse("") + "\n";
    }
}
