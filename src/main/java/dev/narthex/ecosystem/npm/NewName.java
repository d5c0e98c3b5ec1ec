package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import java.util.Locale;
import java.util.Set;

/** Names that may be given to a new package (npm/validate-npm-package-name lib/index.js); older ones have others. */
final class NewName {
    /** Of Node: {@code require} of such a name finds Node's own. */
    private static final Set<String> CORE = Set.of(
            ("assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain"
                            + " events fs http http2 https inspector module net os path perf_hooks process punycode"
                            + " querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8"
                            + " vm wasi worker_threads zlib")
                    .split(" "));

    private NewName() {}

    /** @throws dev.narthex.problem.ProblemException Malformed */
    static void require(NpmName name) {
        var text = name.toString();
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            throw refused(text, "new packages have names in lower case.");
        }
        if (text.contains("~") || name.scope().startsWith("_")) {
            throw refused(text, "new packages have names out of a-z, 0-9, “-”, “_” and “.”.");
        }
        if (name.scope().isEmpty() && CORE.contains(text)) {
            throw refused(text, "this is the name of a module of Node.");
        }
    }

    private static RuntimeException refused(String name, String why) {
        return new Problem.Malformed("package name", name, why).asException();
    }
}
