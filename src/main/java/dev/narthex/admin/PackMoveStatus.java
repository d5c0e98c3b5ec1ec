package dev.narthex.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * The progress of moving packs.
 *
 * @param to backend for new packs
 * @param state moving; failed, waiting for a retry; done, with no packs left elsewhere; or idle, with packs left but no job
 * @param leftPacks number of packs elsewhere, with a total of {@code leftBytes}
 * @param reason why it failed last
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record PackMoveStatus(String to, String state, long leftPacks, long leftBytes, Optional<String> reason) {
    /** Returns one line, state and numbers first, as {@code deploy/run move-store} parses it. */
    public String text() {
        return state + " " + leftPacks + " " + leftBytes + " " + reason.orElse("") + "\n";
    }
}
