package dev.narthex.ops.postgres;

import dev.narthex.ops.settings.StartException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks the PostgreSQL programs from the class path, once per version. */
final class PostgresBinaries {
    /** Version of the jar in pom.xml. */
    private static final String VERSION = "17.11";

    private PostgresBinaries() {}

    /** @return the folder with {@code initdb}, {@code pg_ctl} and {@code postgres} */
    static Path unpack(Path home) throws IOException {
        var folder = home.resolve("bin-" + VERSION);
        if (!Files.isDirectory(folder)) {
            var unfinished = home.resolve("bin.new");
            deleteTree(unfinished);
            Files.createDirectory(unfinished);
            var resource = "postgres-linux-" + architecture() + ".txz";
            try (InputStream in = Thread.currentThread().getContextClassLoader().getResourceAsStream(resource)) {
                if (in == null) {
                    throw new StartException("The PostgreSQL programs (" + resource + ") are not in this build.");
                }
                unpack(new TarArchiveInputStream(new XZInputStream(in)), unfinished);
            }
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        }
        return folder.resolve("bin");
    }

    private static String architecture() {
        var name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm_64";
            case String other ->
                throw new StartException("There is no embedded PostgreSQL for " + other
                        + ". Set QUARKUS_DATASOURCE_JDBC_URL to a PostgreSQL of your own.");
        };
    }

    private static void unpack(TarArchiveInputStream tar, Path folder) throws IOException {
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            var target = folder.resolve(entry.getName()).normalize();
            if (!target.startsWith(folder)) {
                throw new IOException("entry outside the archive: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(target);
                continue;
            }
            Files.createDirectories(target.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(target, folder.resolve(entry.getLinkName()).normalize());
            } else {
                Files.copy(tar, target);
            }
        }
        makeReadable(folder);
    }

    /** Makes the programs readable for all users, because the server may run as another user. */
    private static void makeReadable(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (var path : paths.filter(path -> !Files.isSymbolicLink(path)).toList()) {
                boolean executable =
                        Files.isDirectory(path) || folder.relativize(path).startsWith("bin");
                Files.setPosixFilePermissions(
                        path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    static void deleteTree(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var paths = Files.walk(path)) {
            for (var child : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(child);
            }
        }
    }
}
