package dev.narthex.ecosystem.pypi;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Lists the names in a distribution that people search for: commands and importable modules. */
final class ProvidedNames {
    /** Files in these directories are installed in site-packages or bin. */
    private static final Pattern PLACED = Pattern.compile("[^/]+\\.data/(purelib|platlib|scripts)/(.+)");

    private ProvidedNames() {}

    /**
     * Returns paths of an installation: {@code bin/flask}, {@code site-packages/flask}, {@code site-packages/six.py}.
     *
     * @param files paths in a wheel
     * @param commands scripts that an installer creates for it
     */
    static Set<String> of(Collection<String> files, Set<String> commands) {
        var names = new TreeSet<String>();
        commands.forEach(command -> names.add("bin/" + command));
        for (var file : files) {
            var placed = PLACED.matcher(file);
            boolean elsewhere = placed.matches();
            if (elsewhere && placed.group(1).equals("scripts")) {
                names.add("bin/" + placed.group(2));
            } else {
                imported(elsewhere ? placed.group(2) : file, names);
            }
        }
        return Collections.unmodifiableSet(names);
    }

    private static void imported(String file, Set<String> names) {
        int slash = file.indexOf('/');
        var first = slash < 0 ? file : file.substring(0, slash);
        if (slash > 0 && !first.contains(".")) {
            names.add("site-packages/" + first);
        } else if (slash < 0 && (first.endsWith(".py") || first.endsWith(".so"))) {
            names.add("site-packages/" + first);
        }
    }
}
