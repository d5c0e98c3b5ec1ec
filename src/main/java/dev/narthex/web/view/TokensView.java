package dev.narthex.web.view;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/**
 * Somebody's tokens, newest first, and what he can make.
 *
 * @param made the one that was made just now; its text is kept nowhere else
 * @param before where the next page begins, if there is one
 * @param caches names of those that he can make a token for
 */
public record TokensView(Optional<MadeToken> made, List<TokenLine> tokens, Optional<Long> before, List<String> caches) {
    public record MadeToken(String label, String text) {}

    /**
     * A token that was not revoked.
     *
     * @param fresh whether it was made just now
     * @param admin whether it may do everything; then the lists say nothing
     * @param caches names or patterns of names, as packages
     * @param narrow whether packages leave some out
     * @param used the day, by UTC
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
