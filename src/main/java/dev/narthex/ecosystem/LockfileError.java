package dev.narthex.ecosystem;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.util.Optional;

/** Creates the exceptions for errors in lockfiles, with their position. */
public final class LockfileError {
    private LockfileError() {}

    /**
     * @param format display name of the lockfile format
     * @param line counted from 1; 0 if unknown
     * @param what member with the error; may be empty
     */
    public static ProblemException of(String format, int line, String what, String given, String hint) {
        var where = line > 0 ? format + ", line " + line : format;
        return Problem.unprocessable(what.isEmpty() ? where : where + ", " + what, given, hint);
    }

    /**
     * Converts a parser error in a part of a lockfile.
     *
     * @param before number of lines before that part
     */
    public static ProblemException of(String format, int before, JsonProcessingException e) {
        int line = Optional.ofNullable(e.getLocation())
                .map(at -> before + at.getLineNr())
                .orElse(before);
        return of(
                format, line, "", "", e.getOriginalMessage().lines().findFirst().orElse(""));
    }
}
