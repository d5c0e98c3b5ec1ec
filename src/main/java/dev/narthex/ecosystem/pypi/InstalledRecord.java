package dev.narthex.ecosystem.pypi;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The paths that a RECORD lists (packaging.python.org, "Recording installed projects"): CSV, relative to site-packages.
 * Hashes and sizes are not looked at: builds change files after they were installed, and a new RECORD is made.
 */
record InstalledRecord(List<String> paths) {
    InstalledRecord {
        paths = List.copyOf(paths);
    }

    /** Empty if it is not text. */
    static Optional<InstalledRecord> parse(byte[] bytes) {
        return Distribution.plain(bytes).map(text -> {
            var paths = new ArrayList<String>();
            text.lines()
                    .map(InstalledRecord::first)
                    .filter(path -> !path.isEmpty())
                    .forEach(paths::add);
            return new InstalledRecord(paths);
        });
    }

    /** A path with a comma or a quote stands in quotes, its own quotes doubled; one with a line feed is not found. */
    private static String first(String line) {
        if (!line.startsWith("\"")) {
            int comma = line.indexOf(',');
            return comma < 0 ? line : line.substring(0, comma);
        }
        var path = new StringBuilder();
        for (int i = 1; i < line.length(); i++) {
            if (line.charAt(i) == '"' && ++i < line.length() && line.charAt(i) != '"') {
                break;
            }
            if (i < line.length()) {
                path.append(line.charAt(i));
            }
        }
        return path.toString();
    }

    /** What lies in site-packages, and the folders on the way to it. */
    Predicate<String> within(String site) {
        var wanted = new HashSet<String>();
        for (var path : resolved(site)) {
            if (path.startsWith(site + "/")) {
                withFolders(path.substring(site.length() + 1), wanted);
            }
        }
        return wanted::contains;
    }

    /** Paths in the store path, of what lies elsewhere in it. */
    List<String> outside(String site) {
        return resolved(site).stream()
                .filter(path -> !path.startsWith(site + "/"))
                .distinct()
                .toList();
    }

    static void withFolders(String path, HashSet<String> wanted) {
        for (int slash = path.length(); slash > 0 && wanted.add(path.substring(0, slash)); ) {
            slash = path.lastIndexOf('/', slash - 1);
        }
    }

    /** In the store path; what leads out of it is left out. */
    private List<String> resolved(String site) {
        return paths.stream()
                .filter(path -> !path.startsWith("/"))
                .map(path -> resolve(site, path))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> resolve(String site, String path) {
        var at = new ArrayList<>(List.of(site.split("/")));
        for (var name : path.split("/")) {
            if (name.equals("..")) {
                if (at.isEmpty()) {
                    return Optional.empty();
                }
                at.removeLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                at.add(name);
            }
        }
        return Optional.of(String.join("/", at));
    }
}
