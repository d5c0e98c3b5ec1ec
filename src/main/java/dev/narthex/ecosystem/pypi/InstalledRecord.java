package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.Bounds;
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
    private static final long MOST_CHARACTERS = 64 << 20;

    InstalledRecord {
        paths = List.copyOf(paths);
    }

    /** Empty if it is not text, or lists more than any wheel may have. */
    static Optional<InstalledRecord> parse(byte[] bytes) {
        return Distribution.plain(bytes)
                .map(RecordLine::parse)
                .filter(lines -> lines.size() <= Bounds.ENTRIES
                        && lines.stream().mapToLong(InstalledRecord::cost).sum() <= MOST_CHARACTERS)
                .map(lines ->
                        new InstalledRecord(lines.stream().map(RecordLine::path).toList()));
    }

    /** Characters of its folders, which are kept each with its whole path. */
    private static long cost(RecordLine line) {
        return line.path().length() * line.path().chars().filter(c -> c == '/').count();
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

    /** In the store path; what leads out of it is left out, and what no archive can hold. */
    private List<String> resolved(String site) {
        return paths.stream()
                .filter(path -> !path.startsWith("/") && path.length() <= Bounds.PATH_LENGTH)
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
