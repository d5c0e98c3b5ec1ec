package dev.narthex.sql;

import dev.narthex.problem.Outage;
import dev.narthex.problem.Problem;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;

/**
 * The database is restarted, or another takes its place: connections end in the middle of a statement or of a commit, and new
 * ones are refused for a while. Whoever pushed does not know whether it was taken, and pushes again, which changes nothing if
 * it was.
 */
@Singleton
class DatabaseOutage implements Outage {
    private static final int WAIT_SECONDS = 5;

    /** Class of SQLSTATE (PostgreSQL, appendix A): the connection is gone, or none can be made. */
    private static final String CONNECTION = "08";

    /** It was told to end, it crashed, it starts; it has no room for another connection. */
    private static final Set<String> ENDING = Set.of("57P01", "57P02", "57P03", "53300");

    /** What the pool says, without a state, when no connection became free in time. */
    private static final String NONE_FREE = "Acquisition timeout";

    @Override
    public Optional<Problem> of(Throwable fault) {
        var seen = Collections.<Throwable>newSetFromMap(new IdentityHashMap<>());
        var open = new ArrayDeque<Throwable>();
        open.add(fault);
        while (!open.isEmpty()) {
            var one = open.remove();
            if (one instanceof SQLException e && lost(e)) {
                return Optional.of(new Problem.Unavailable(
                        "The database does not answer now. Nothing is lost that was acknowledged. Try again in a moment.",
                        WAIT_SECONDS));
            }
            if (seen.add(one)) {
                Optional.ofNullable(one.getCause()).ifPresent(open::add);
                // why a commit failed is beside what the transaction says of it
                Collections.addAll(open, one.getSuppressed());
            }
        }
        return Optional.empty();
    }

    private static boolean lost(SQLException e) {
        var state = e.getSQLState();
        return state == null
                ? e.getMessage() != null && e.getMessage().startsWith(NONE_FREE)
                : state.startsWith(CONNECTION) || ENDING.contains(state);
    }
}
