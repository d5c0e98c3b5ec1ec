package dev.narthex.ecosystem.pypi;

import java.util.Set;
import java.util.TreeSet;

/** Parses entry_points.txt (packaging.python.org, "Entry points specification"). */
final class EntryPoints {
    private static final Set<String> SCRIPTS = Set.of("[console_scripts]", "[gui_scripts]");

    private EntryPoints() {}

    /** Returns the names of the scripts that an installer creates. */
    static Set<String> commands(String text) {
        var commands = new TreeSet<String>();
        boolean scripts = false;
        for (var line : text.lines().map(String::strip).toList()) {
            if (line.startsWith("[")) {
                scripts = SCRIPTS.contains(line);
            } else if (scripts && line.indexOf('=') > 0 && !line.startsWith("#")) {
                commands.add(line.substring(0, line.indexOf('=')).strip());
            }
        }
        return commands;
    }
}
