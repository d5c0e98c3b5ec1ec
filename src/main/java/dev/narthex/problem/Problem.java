package dev.narthex.problem;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * An error that is reported to a client: its status, stable title, and a detail that names the wrong input and what to do (RFC
 * 9457). All other errors are faults of the server.
 */
public sealed interface Problem {
    /** HTTP status. */
    int status();

    /** Title of this kind of problem. Must not change. */
    String title();

    /** One or two plain sentences that name the error and what to do. Never contains secrets or stack traces. */
    String detail();

    /** The invalid input: a header, a line of a narinfo, a JSON member; empty if the request as a whole is meant. */
    default Optional<String> field() {
        return Optional.empty();
    }

    /** Number of seconds after which a retry makes sense. */
    default Optional<Integer> retryAfter() {
        return Optional.empty();
    }

    /** Path on this server of a replacement for what was requested. */
    default Optional<String> instead() {
        return Optional.empty();
    }

    default ProblemException toException() {
        return new ProblemException(this);
    }

    // the exceptions of the problems below, for throw

    static ProblemException malformed(String what, String given) {
        return new Malformed(what, given).toException();
    }

    static ProblemException malformed(String what, String given, String hint) {
        return new Malformed(what, given, hint).toException();
    }

    static ProblemException mismatch(String what, String detail) {
        return new Mismatch(what, detail).toException();
    }

    static ProblemException missingReferences(String path, List<String> missing) {
        return new MissingReferences(path, missing).toException();
    }

    static ProblemException unauthorized(String detail) {
        return new Unauthorized(detail).toException();
    }

    static ProblemException forbidden(String detail) {
        return new Forbidden(detail).toException();
    }

    static ProblemException notFound(String what, String name) {
        return new NotFound(what, name).toException();
    }

    static ProblemException notFound(String what, String name, String more) {
        return new NotFound(what, name, more).toException();
    }

    static ProblemException notAcceptable(String detail) {
        return new NotAcceptable(detail).toException();
    }

    static ProblemException conflict(String title, String detail) {
        return new Conflict(title, detail).toException();
    }

    static ProblemException gone(String what, String name) {
        return new Gone(what, name).toException();
    }

    static ProblemException gone(String what, String name, String more, Optional<String> instead) {
        return new Gone(what, name, more, instead).toException();
    }

    static ProblemException tooLarge(String what, String detail) {
        return new TooLarge(what, detail).toException();
    }

    static ProblemException unsupportedMediaType(String detail) {
        return new UnsupportedMediaType(detail).toException();
    }

    static ProblemException unprocessable(String what, String given, String hint) {
        return new Unprocessable(what, given, hint).toException();
    }

    static ProblemException tooManyRequests(String detail, int seconds) {
        return new TooManyRequests(detail, seconds).toException();
    }

    static ProblemException unavailable(String detail, int seconds) {
        return new Unavailable(detail, seconds).toException();
    }

    static ProblemException damaged(String name, Optional<Instant> found, String storePath) {
        return new Damaged(name, found, storePath).toException();
    }

    static ProblemException insufficientStorage(String detail) {
        return new InsufficientStorage(detail).toException();
    }

    /** 400: input that no version of this server could accept. {@code given} may be hostile; renderers must escape it. */
    record Malformed(String what, String given, String hint) implements Problem {
        public Malformed(String what, String given) {
            this(what, given, "");
        }

        @Override
        public int status() {
            return 400;
        }

        @Override
        public String title() {
            return "Malformed " + what;
        }

        @Override
        public String detail() {
            var shown = given.isEmpty() ? "empty" : "“" + DetailText.shorten(given) + "”";
            return hint.isEmpty() ? "The " + what + " " + shown + " cannot be read." : shown + ": " + hint;
        }

        @Override
        public Optional<String> field() {
            return Optional.of(what);
        }
    }

    /** 400: well-formed input that does not match the server's data, such as a hash that differs from that of the NAR. */
    record Mismatch(String what, String detail) implements Problem {
        @Override
        public int status() {
            return 400;
        }

        @Override
        public String title() {
            return "Wrong " + what;
        }

        @Override
        public Optional<String> field() {
            return Optional.of(what);
        }
    }

    /** 400: references that are not in the cache. {@code missing} contains base names of store paths. */
    record MissingReferences(String path, List<String> missing) implements Problem {
        public MissingReferences {
            missing = List.copyOf(missing);
        }

        @Override
        public int status() {
            return 400;
        }

        @Override
        public String title() {
            return "Missing references";
        }

        @Override
        public String detail() {
            return path + " refers to paths that are not in this cache: " + DetailText.list(missing)
                    + ". Push them first; nix copy does so when it is run with --refresh.";
        }

        @Override
        public Optional<String> field() {
            return Optional.of("References");
        }
    }

    /** 401: missing or invalid credentials. */
    record Unauthorized(String detail) implements Problem {
        @Override
        public int status() {
            return 401;
        }

        @Override
        public String title() {
            return "Sign in to do this";
        }
    }

    /** 403: the caller is known but lacks the permission. */
    record Forbidden(String detail) implements Problem {
        @Override
        public int status() {
            return 403;
        }

        @Override
        public String title() {
            return "Not allowed";
        }
    }

    /**
     * 404: does not exist, or the caller may not know that it exists.
     *
     * @param more an additional sentence, such as which packages depend on it, or empty
     */
    record NotFound(String what, String name, String more) implements Problem {
        public NotFound(String what, String name) {
            this(what, name, "");
        }

        @Override
        public int status() {
            return 404;
        }

        @Override
        public String title() {
            return "No such " + what;
        }

        @Override
        public String detail() {
            var absent = "There is no " + what + " “" + DetailText.shorten(name) + "” here.";
            return more.isEmpty() ? absent : absent + " " + more;
        }
    }

    /** 405: this path does not support the method. */
    record MethodNotAllowed(String detail) implements Problem {
        @Override
        public int status() {
            return 405;
        }

        @Override
        public String title() {
            return "Method not allowed";
        }
    }

    /** 406: no representation matches what the client accepts. */
    record NotAcceptable(String detail) implements Problem {
        @Override
        public int status() {
            return 406;
        }

        @Override
        public String title() {
            return "Not acceptable";
        }
    }

    /** 409: the name exists with other content. */
    record Conflict(String title, String detail) implements Problem {
        @Override
        public int status() {
            return 409;
        }
    }

    /**
     * 410: existed but was removed.
     *
     * @param more sentences on the reason and the replacement, or empty
     * @param instead path of the replacement on this server
     */
    record Gone(String what, String name, String more, Optional<String> instead) implements Problem {
        public Gone(String what, String name) {
            this(what, name, "", Optional.empty());
        }

        @Override
        public int status() {
            return 410;
        }

        @Override
        public String title() {
            return "Gone";
        }

        @Override
        public String detail() {
            var gone = "The " + what + " “" + DetailText.shorten(name) + "” was removed.";
            return more.isEmpty() ? gone : gone + " " + more;
        }
    }

    /** 413: exceeds a limit, which the detail names. */
    record TooLarge(String what, String detail) implements Problem {
        @Override
        public int status() {
            return 413;
        }

        @Override
        public String title() {
            return "Too large";
        }

        @Override
        public Optional<String> field() {
            return Optional.of(what);
        }
    }

    /** 415: the body has a type that is not accepted here. */
    record UnsupportedMediaType(String detail) implements Problem {
        @Override
        public int status() {
            return 415;
        }

        @Override
        public String title() {
            return "Unsupported media type";
        }
    }

    /**
     * 422: a document that is valid in its format but cannot be used, or whose format is not supported.
     *
     * @param what location in the document: a line or a member
     * @param given may be hostile; renderers must escape it
     */
    record Unprocessable(String what, String given, String hint) implements Problem {
        @Override
        public int status() {
            return 422;
        }

        @Override
        public String title() {
            return "Unprocessable content";
        }

        @Override
        public String detail() {
            var where = DetailText.shorten(what) + ": ";
            return given.isEmpty() ? where + hint : where + "“" + DetailText.shorten(given) + "”: " + hint;
        }

        @Override
        public Optional<String> field() {
            return Optional.of(DetailText.shorten(what));
        }
    }

    /** 429: rate limit exceeded. */
    record TooManyRequests(String detail, int seconds) implements Problem {
        @Override
        public int status() {
            return 429;
        }

        @Override
        public String title() {
            return "Too many requests";
        }

        @Override
        public Optional<Integer> retryAfter() {
            return Optional.of(seconds);
        }
    }

    /** 503: temporarily unavailable. Renderers send Retry-After if their clients retry. */
    record Unavailable(String detail, int seconds) implements Problem {
        @Override
        public int status() {
            return 503;
        }

        @Override
        public String title() {
            return "Not available now";
        }

        @Override
        public Optional<Integer> retryAfter() {
            return Optional.of(seconds);
        }
    }

    /**
     * 503: the file exists, but its stored bytes are damaged. Not 404, because clients and users would conclude that the file
     * was never published.
     *
     * @param name name of the file or path; empty if unknown here
     * @param found when a check found the damage; empty before the check
     * @param storePath full store path that contains the bytes; empty if unknown
     */
    record Damaged(String name, Optional<Instant> found, String storePath) implements Problem {
        private static final int UNTIL_CHECKED = 60;
        private static final int UNTIL_REPAIRED = 3600;

        @Override
        public int status() {
            return 503;
        }

        @Override
        public String title() {
            return "Stored bytes are damaged";
        }

        @Override
        public String detail() {
            var when = found.map(at -> ", found on " + LocalDate.ofInstant(at, ZoneOffset.UTC))
                    .orElse("; a check is queued");
            var subject = name.isEmpty() ? "this file" : "“" + DetailText.shorten(name) + "”";
            return "The stored bytes of " + subject + " are damaged" + when + ". To repair them, push "
                    + (storePath.isEmpty() ? "its store path" : storePath)
                    + " again with “nix copy --refresh”, publish the same file again, or restore the pack from a backup and"
                    + " start a check.";
        }

        @Override
        public Optional<Integer> retryAfter() {
            return Optional.of(found.isPresent() ? UNTIL_REPAIRED : UNTIL_CHECKED);
        }
    }

    /** 507: the store is full. */
    record InsufficientStorage(String detail) implements Problem {
        @Override
        public int status() {
            return 507;
        }

        @Override
        public String title() {
            return "The store is full";
        }
    }

    /** 500: an unexpected error, logged under this id. */
    record Fault(String id) implements Problem {
        @Override
        public int status() {
            return 500;
        }

        @Override
        public String title() {
            return "Something failed here";
        }

        @Override
        public String detail() {
            return "The server could not finish this. The cause is logged under " + id + ".";
        }
    }
}
