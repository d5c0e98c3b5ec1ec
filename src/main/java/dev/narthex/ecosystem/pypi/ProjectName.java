package dev.narthex.ecosystem.pypi;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Validates and normalizes project names (packaging.python.org, "Names and normalization"). */
final class ProjectName {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?");
    private static final int MAX_LENGTH = 200;

    /** Names that {@code pip install requirements.txt} would install; warehouse rejects them too. */
    private static final Set<String> MISLEADING = Set.of("requirements-txt", "rrequirements-txt");

    private ProjectName() {}

    static boolean valid(String name) {
        return name.length() <= MAX_LENGTH && NAME.matcher(name).matches();
    }

    static boolean misleading(String name) {
        return MISLEADING.contains(normalize(name));
    }

    /** Returns the form in which two spellings of a name are equal. */
    static String normalize(String name) {
        return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
    }
}
