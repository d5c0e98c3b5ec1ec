package dev.narthex.ops.postgres;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.Comparator;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresTest {
    /** Stops the database server of {@code folder}. */
    private static final String LATE = """
            #!/bin/sh
            kill -INT "$(head -n 1 "$2/postmaster.pid")"
            while [ -e "$2/postmaster.pid" ]; do sleep 0.02; done
            exec "$0.late" "$@"
            """;

    /** After a kill of the program, the database server exits on its own at the moment when the next start finds it and tries to stop it. */
    @Test
    void startWaitsForAStoppingServer() throws Exception {
        var folder = Files.createTempDirectory("narthex-postgres");
        // the database user needs access
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            var left = EmbeddedPostgres.start(folder);
            var control = control(folder);
            Files.move(control, Path.of(control + ".late"));
            Files.writeString(control, LATE);
            Files.setPosixFilePermissions(control, PosixFilePermissions.fromString("rwxr-xr-x"));
            try (var next = EmbeddedPostgres.start(folder)) {
                var database = next.database();
                try (var connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
                    assertTrue(connection.isValid(5));
                }
                Files.move(Path.of(control + ".late"), control, StandardCopyOption.REPLACE_EXISTING);
            }
            left.close();
        } finally {
            delete(folder);
        }
    }

    private static Path control(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("bin/pg_ctl")).findFirst().orElseThrow();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
