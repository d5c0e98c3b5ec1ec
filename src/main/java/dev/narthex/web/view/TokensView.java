package dev.narthex.web.view;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * The user's tokens, newest first, and the form to create one.
 *
 * @param made the token that was just created; its text is not stored anywhere
 * @param before position at which the next page begins, if there is one
 * @param caches names of the caches that the user can create tokens for
 */
public record TokensView(Optional<MadeToken> made, List<TokenLine> tokens, Optional<Long> before, List<String> caches) {
    public record MadeToken(String label, String text) {}

    /**
     * A token that was not revoked.
     *
     * @param fresh whether it was just created
     * @param admin whether it may do everything; the lists are then meaningless
     * @param caches names or glob patterns, as are {@code packages}
     * @param narrow whether it is limited to some packages
     * @param used day of the last use, in UTC
     */
    public record TokenLine(
            long id,
            String label,
            boolean fresh,
            boolean expired,
            boolean admin,
            List<String> actions,
            List<String> caches,
            boolean narrow,
            List<String> packages,
            Optional<Instant> ends,
            Optional<LocalDate> used) {}
}
