package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveLimits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The paths in a RECORD (packaging.python.org, "Recording installed projects"): CSV, relative to site-packages. Hashes and sizes
 * are ignored: builds change files after installing them, and a new RECORD is generated.
 */
record InstalledRecord(List<String> paths) {
    private static final long MAX_CHARACTERS = 64 << 20;

    InstalledRecord {
        paths = List.copyOf(paths);
    }

    /** Returns empty if the file is not text or lists more files than a wheel may have. */
    static Optional<InstalledRecord> parse(byte[] bytes) {
        return DistributionReader.decode(bytes)
                .map(RecordLine::parse)
                .filter(lines -> lines.size() <= ArchiveLimits.ENTRIES
                        && lines.stream()
                                        .mapToLong(InstalledRecord::parentPathBytes)
                                        .sum()
                                <= MAX_CHARACTERS)
                .map(lines ->
                        new InstalledRecord(lines.stream().map(RecordLine::path).toList()));
    }

    /** Total length of the paths of its parent directories, which are stored separately. */
    private static long parentPathBytes(RecordLine line) {
        return line.path().length() * line.path().chars().filter(c -> c == '/').count();
    }

    /** Matches the files in site-packages and their parent directories. */
    Predicate<String> filesWithin(String site) {
        var wanted = new HashSet<String>();
        for (var path : resolvedPaths(site)) {
            if (path.startsWith(site + "/")) {
                withFolders(path.substring(site.length() + 1), wanted);
            }
        }
        return wanted::contains;
    }

    /** Returns the paths of listed files in the rest of the store path. */
    List<String> filesOutside(String site) {
        return resolvedPaths(site).stream()
                .filter(path -> !path.startsWith(site + "/"))
                .distinct()
                .toList();
    }

    static void withFolders(String path, HashSet<String> wanted) {
        for (int slash = path.length(); slash > 0 && wanted.add(path.substring(0, slash)); ) {
            slash = path.lastIndexOf('/', slash - 1);
        }
    }

    /** Returns paths in the store path, without those that lead out of it or are too long for an archive. */
    private List<String> resolvedPaths(String site) {
        return paths.stream()
                .filter(path -> !path.startsWith("/") && path.length() <= ArchiveLimits.PATH_LENGTH)
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
