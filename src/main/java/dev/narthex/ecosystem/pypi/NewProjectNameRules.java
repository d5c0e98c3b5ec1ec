package dev.narthex.ecosystem.pypi;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rejects names for new projects. Existing projects keep theirs.
 *
 * <p>The modules of Python's standard library are listed in {@code stdlib-names.txt}: {@code sys.stdlib_module_names} of Python
 * 3.10 to 3.13, normalized and without leading and trailing dashes, as in warehouse (pypi/warehouse
 * warehouse/packaging/services.py).
 */
final class NewProjectNameRules {
    private static final Set<String> STANDARD = loadStandardModules();

    private NewProjectNameRules() {}

    /** @throws dev.narthex.problem.ProblemException Mismatch */
    static void require(String name) {
        if (ProjectName.misleading(name)) {
            throw rejected(name, "It would be installed by mistake if pip's option -r is forgotten.");
        }
        if (STANDARD.contains(ProjectName.normalize(name))) {
            throw rejected(name, "conflict with Python Standard Library module name");
        }
    }

    private static RuntimeException rejected(String name, String why) {
        return Problem.mismatch("name", "The name '" + name + "' is not allowed (" + why + ").");
    }

    private static Set<String> loadStandardModules() {
        try (InputStream list = NewProjectNameRules.class.getResourceAsStream("stdlib-names.txt")) {
            if (list == null) {
                throw new IllegalStateException("stdlib-names.txt is not beside its class");
            }
            return new String(list.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
