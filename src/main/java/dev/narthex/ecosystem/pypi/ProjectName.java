package dev.narthex.ecosystem.pypi;

import java.util.Locale;
import java.util.regex.Pattern;

/** Names of projects (packaging.python.org, "Names and normalization"). */
final class ProjectName {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?");
    private static final int LONGEST = 200;

    private ProjectName() {}

    static boolean valid(String name) {
        return name.length() <= LONGEST && NAME.matcher(name).matches();
    }

    /** The form under which two spellings are one project. */
    static String normalise(String name) {
        return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
    }
}
