package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder created by {@code deploy/install} works anywhere, and uses its AOT cache only where the cache was created. */
@Tag("long")
class InstallIT {
    @TempDir
    Path scratch;

    private Path data;

    @BeforeEach
    void makeDataFolder() throws IOException {
        data = Server.freshFolder();
    }

    @AfterEach
    void deleteDataFolder() throws IOException {
        DataFolders.delete(data);
    }

    @Test
    void installedFolderCanBeCopiedAndMoved() throws Exception {
        var installed = scratch.resolve("installed");
        run(System.getProperty("java.home"), Path.of("deploy/install").toAbsolutePath(), installed);
        takesPush(installed, true);
        var copied = scratch.resolve("copied");
        new ProgramRunner(scratch)
                .run("cp", "-a", installed.toString(), copied.toString())
                .succeeded();
        takesPush(copied, false);
        DataFolders.delete(copied);
        var moved = Files.move(installed, scratch.resolve("moved"));
        takesPush(moved, false);
        run("", moved.resolve("warm"), moved.resolve("quarkus-app"));
        takesPush(moved, true);
    }

    private void run(String javaHome, Path command, Path folder) {
        new ProgramRunner(scratch)
                .with("JAVA_HOME", javaHome)
                // the embedded PostgreSQL of warm runs as a user who cannot access the folder of a test
                .with("TMPDIR", "/tmp")
                .run(command.toString(), folder.toString())
                .succeeded();
    }

    private void takesPush(Path folder, boolean cached) throws Exception {
        try (var server = Server.startInstalled(folder, data)) {
            assertEquals(cached, server.usesAotCache(), folder.toString());
            var name = folder.getFileName() + "-" + cached;
            new NixPushClient(server, "main").publish(SmallNar.of(Map.of("name", name)), SmallNar.path(name));
        }
    }
}
