package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the names of new packages (npm/validate-npm-package-name lib/index.js). Existing packages may have names that break
 * these rules.
 */
final class NewPackageNameRules {
    /** Node's core modules: {@code require} with such a name finds Node's module instead of the package. */
    private static final Set<String> CORE = Set.of(
            ("assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain"
                            + " events fs http http2 https inspector module net os path perf_hooks process punycode"
                            + " querystring readline repl stream string_decoder sys timers tls trace_events tty url util v8"
                            + " vm wasi worker_threads zlib")
                    .split(" "));

    private NewPackageNameRules() {}

    /** Returns the problem with a name for a new package; empty if it is allowed. */
    static Optional<Problem> problem(NpmName name) {
        var text = name.toString();
        if (!text.equals(text.toLowerCase(Locale.ROOT))) {
            return problem(text, "new packages have names in lower case.");
        }
        if (text.contains("~") || name.scope().startsWith("_")) {
            return problem(text, "new packages have names out of a-z, 0-9, “-”, “_” and “.”.");
        }
        return name.scope().isEmpty() && CORE.contains(text)
                ? problem(text, "this is the name of a module of Node.")
                : Optional.empty();
    }

    private static Optional<Problem> problem(String name, String why) {
        return Optional.of(new Problem.Malformed("package name", name, why));
    }
}
