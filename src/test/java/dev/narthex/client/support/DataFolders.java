package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/** Deletes data folders of servers. */
public final class DataFolders {
    private DataFolders() {}

    public static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** Deletes the embedded database after its process has exited, which happens shortly after the server's. */
    public static void deleteDatabase(Path data) throws Exception {
        var pid = data.resolve("postgres/17/data/postmaster.pid");
        if (Files.exists(pid)) {
            var process = ProcessHandle.of(
                    Long.parseLong(Files.readAllLines(pid).getFirst().strip()));
            if (process.isPresent()) {
                process.get().onExit().get(1, TimeUnit.MINUTES);
            }
        }
        delete(data.resolve("postgres"));
    }
}
