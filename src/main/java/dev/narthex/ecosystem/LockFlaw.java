package dev.narthex.ecosystem;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Optional;

/** What is wrong with a lock, and where. */
public final class LockFlaw {
    private LockFlaw() {}

    /**
     * @param format as people call such locks
     * @param line counted from one, 0 if it is not known
     * @param what member, may be empty
     */
    public static ProblemException of(String format, int line, String what, String given, String hint) {
        var where = line > 0 ? format + ", line " + line : format;
        return new Problem.Unprocessable(what.isEmpty() ? where : where + ", " + what, given, hint).asException();
    }

    /**
     * What a parser said of a piece of a lock.
     *
     * @param before lines of the lock before that piece
     */
    public static ProblemException of(String format, int before, JsonProcessingException e) {
        int line = Optional.ofNullable(e.getLocation())
                .map(at -> before + at.getLineNr())
                .orElse(before);
        return of(
                format, line, "", "", e.getOriginalMessage().lines().findFirst().orElse(""));
    }
}
