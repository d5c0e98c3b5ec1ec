package dev.narthex.store;

import dev.narthex.problem.Problem;
import dev.narthex.problem.TransientFaults;
import dev.narthex.store.pack.DamagedException;
import jakarta.inject.Singleton;
import java.util.Optional;

/** Maps damage that is found while serving a request, before the response starts, to a {@code Damaged} problem. */
@Singleton
class DamageProblemMapper implements TransientFaults {
    @Override
    public Optional<Problem> of(Throwable fault) {
        for (var cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof DamagedException) {
                return Optional.of(new Problem.Damaged("", Optional.empty(), ""));
            }
        }
        return Optional.empty();
    }
}
