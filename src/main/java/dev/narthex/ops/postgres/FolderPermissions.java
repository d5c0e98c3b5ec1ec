package dev.narthex.ops.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Denies other users of the machine access to the data folder. If the server runs as root, PostgreSQL runs as another user, so the
 * folders above the embedded database can be traversed but not listed.
 */
final class FolderPermissions {
    /** Entries of a data folder that only the server reads. Closing a folder closes everything below it. */
    private static final List<String> PRIVATE =
            List.of("store", "index", "spool", "import-tickets", "instance.key", "admin-token", "lock");

    private static final Set<PosixFilePermission> OWNER_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private static final Set<PosixFilePermission> TRAVERSABLE = PosixFilePermissions.fromString("rwx--x--x");

    private FolderPermissions() {}

    static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Creates a folder and its missing parents. Existing folders are not changed. */
    static void createFolder(Path folder) throws IOException {
        var missing = Stream.iterate(folder.toAbsolutePath(), Objects::nonNull, Path::getParent)
                .takeWhile(path -> !Files.exists(path))
                .toList();
        Files.createDirectories(folder);
        for (var path : missing) {
            Files.setPosixFilePermissions(path, isRoot() ? TRAVERSABLE : OWNER_ONLY);
        }
    }

    /**
     * Removes access that an earlier version or another umask left to other users. Prints a warning for files of another owner,
     * which it cannot change.
     */
    static void restrictAccess(Path dataFolder) throws IOException {
        for (var name : PRIVATE) {
            var path = dataFolder.resolve(name);
            if (Files.exists(path)) {
                restrictAccess(path, OWNER_ONLY);
            }
        }
        var postgres = dataFolder.resolve("postgres");
        if (Files.exists(postgres)) {
            restrictAccess(postgres, isRoot() ? TRAVERSABLE : OWNER_ONLY);
        }
    }

    private static void restrictAccess(Path path, Set<PosixFilePermission> allowed) throws IOException {
        var current = Files.getPosixFilePermissions(path);
        if (allowed.containsAll(current)) {
            return;
        }
        var restricted = EnumSet.copyOf(current);
        restricted.retainAll(allowed);
        try {
            Files.setPosixFilePermissions(path, restricted);
        } catch (IOException e) {
            System.err.println("Other users of this machine can read " + path + " ("
                    + PosixFilePermissions.toString(current)
                    + "), and its owner is not the user of this server, who cannot"
                    + " change that. Run: chmod go= " + path);
        }
    }
}
