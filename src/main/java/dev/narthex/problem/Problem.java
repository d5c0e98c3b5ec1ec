package dev.narthex.problem;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * What can go wrong for a caller: status, stable title, and a detail that says what was given and what to do (RFC 9457).
 * Whatever is not a Problem is a fault of the server.
 */
public sealed interface Problem {
    /** HTTP status. */
    int status();

    /** Stable words for this kind of problem. */
    String title();

    /** One or two plain sentences: what was given, what to do. Never a secret, never a stack. */
    String detail();

    /** The input at fault: a header, a line of a narinfo, a JSON member; empty if the request as a whole is meant. */
    default Optional<String> field() {
        return Optional.empty();
    }

    /** Seconds after which asking again makes sense. */
    default Optional<Integer> retryAfter() {
        return Optional.empty();
    }

    /** Address on this server of what there is in place of what was asked for. */
    default Optional<String> instead() {
        return Optional.empty();
    }

    default ProblemException asException() {
        return new ProblemException(this);
    }

    /** 400: input that no version of this server could accept. {@code given} may be hostile; renderers escape it. */
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
            var shown = given.isEmpty() ? "empty" : "“" + Text.shorten(given) + "”";
            return hint.isEmpty() ? "The " + what + " " + shown + " cannot be read." : shown + ": " + hint;
        }

        @Override
        public Optional<String> field() {
            return Optional.of(what);
        }
    }

    /** 400: input that is well formed but does not fit what the server holds, such as a NAR hash that is not the NAR's. */
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

    /** 400: references that are not in the cache. {@code missing} are base names of store paths. */
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
            return path + " refers to paths that are not in this cache: " + Text.list(missing)
                    + ". Push them first; nix copy does so when it is run with --refresh.";
        }

        @Override
        public Optional<String> field() {
            return Optional.of("References");
        }
    }

    /** 401: no credential, or one that is not valid. */
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

    /** 403: known caller without the right. */
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
     * 404: nothing of this kind and name, or nothing that the caller may know of.
     *
     * @param more a sentence on why it is missed, or empty
     */
    record NotFound(String what, String name, String more) implements Problem {
        /** So many names are enough for {@link #wanted}. */
        public static final int NAMED = 3;

        public NotFound(String what, String name) {
            this(what, name, "");
        }

        /**
         * That others in a cache depend on what it lacks; empty if none does.
         *
         * @param names of some that do: of the last of several it is only told that there are more
         */
        public static String wanted(String cache, List<String> names) {
            if (names.isEmpty()) {
                return "";
            }
            var first = Text.shorten(names.getFirst());
            var who = switch (names.size()) {
                case 1 -> first + " depends";
                case 2 -> first + " and " + Text.shorten(names.get(1)) + " depend";
                default -> first + ", " + Text.shorten(names.get(1)) + " and others depend";
            };
            return "The cache " + cache + " lacks it, and " + who + " on it: publish or push it there too.";
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
            var absent = "There is no " + what + " “" + Text.shorten(name) + "” here.";
            return more.isEmpty() ? absent : absent + " " + more;
        }
    }

    /** 405. */
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

    /** 406: none of the forms that the caller accepts. */
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

    /** 409: the same name with other content. */
    record Conflict(String title, String detail) implements Problem {
        @Override
        public int status() {
            return 409;
        }
    }

    /**
     * 410: was here, will not come back by itself.
     *
     * @param more sentences on why and what there is in its place, or empty
     * @param instead address of that on this server
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
            var gone = "The " + what + " “" + Text.shorten(name) + "” was removed.";
            return more.isEmpty() ? gone : gone + " " + more;
        }
    }

    /** 413: over a limit; says which limit. */
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

    /** 415. */
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
     * 422: a document that can be read as what it says it is, but not made use of; or one whose format is not read here.
     *
     * @param what where in it: a line or a member
     * @param given may be hostile; renderers escape it
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
            var where = Text.shorten(what) + ": ";
            return given.isEmpty() ? where + hint : where + "“" + Text.shorten(given) + "”: " + hint;
        }

        @Override
        public Optional<String> field() {
            return Optional.of(Text.shorten(what));
        }
    }

    /** 429: too often. */
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

    /** 503: for now. Faces that clients retry send Retry-After. */
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
     * 503: the file is known, but its stored bytes are not those that were written. Not 404: clients and people would take it
     * for a file that was never published.
     *
     * @param name of the file or path; empty if only its reader knows it
     * @param found when a check found it; empty while the check is still to come
     * @param storePath the path that contains the bytes, in full; empty if it is not known
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
            var subject = name.isEmpty() ? "this file" : "“" + Text.shorten(name) + "”";
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

    /** 500: a fault, logged under this id. */
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
