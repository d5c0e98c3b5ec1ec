package dev.narthex.db;

import dev.narthex.problem.Problem;
import dev.narthex.problem.TransientFaults;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;

/**
 * Recognizes failures caused by a database restart or failover, when connections end during a statement or commit and new ones
 * are refused for a while. A client whose push fails this way does not know whether it was committed. It can push again: a
 * repeated push has no effect.
 */
@Singleton
class DatabaseOutage implements TransientFaults {
    private static final int WAIT_SECONDS = 5;

    /** SQLSTATE class of lost and refused connections (PostgreSQL, appendix A). */
    private static final String CONNECTION = "08";

    /** SQLSTATEs of a server that shuts down, has crashed, is starting, or has too many connections. */
    private static final Set<String> ENDING = Set.of("57P01", "57P02", "57P03", "53300");

    /** Start of the connection pool's message when no connection became free in time; it has no SQLSTATE. */
    private static final String NONE_FREE = "Acquisition timeout";

    @Override
    public Optional<Problem> of(Throwable fault) {
        var seen = Collections.<Throwable>newSetFromMap(new IdentityHashMap<>());
        var open = new ArrayDeque<Throwable>();
        open.add(fault);
        while (!open.isEmpty()) {
            var cause = open.remove();
            if (cause instanceof SQLException e && isConnectionLost(e)) {
                return Optional.of(new Problem.Unavailable(
                        "The database does not respond. Acknowledged changes are not lost. Try again in a moment.",
                        WAIT_SECONDS));
            }
            if (seen.add(cause)) {
                Optional.ofNullable(cause.getCause()).ifPresent(open::add);
                // the cause of a failed commit is a suppressed exception of the transaction's exception
                Collections.addAll(open, cause.getSuppressed());
            }
        }
        return Optional.empty();
    }

    private static boolean isConnectionLost(SQLException e) {
        var state = e.getSQLState();
        return state == null
                ? e.getMessage() != null && e.getMessage().startsWith(NONE_FREE)
                : state.startsWith(CONNECTION) || ENDING.contains(state);
    }
}
