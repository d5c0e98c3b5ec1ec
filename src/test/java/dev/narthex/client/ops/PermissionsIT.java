package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Access of other users of the machine to a data folder. The tests need root. */
class PermissionsIT {
    private static final int NOBODY = 65534;
    /** Every system has this user; initdb refuses users without a name. */
    private static final int DAEMON = 1;

    private static final int SOMEBODY = 12345;
    private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxr-xr-x");

    @TempDir
    Path scratch;

    @Test
    void otherUsersCannotReadTheDataFolderOfRoot() throws Exception {
        var data = Server.freshFolder();
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            NarClient.push(server, new SeededNar(1, 2_000_000));
            Poll.until("there is an index", () -> hasFile(data, "index/.*/cursor"));
            othersReadNothing(data);
        }
        openAsEarlierVersionsDid(data);
        assertTrue(readableBy(NOBODY, data).contains("instance.key"), "the check itself finds what is open");
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            othersReadNothing(data);
            NarClient.push(server, new SeededNar(2, 2_000_000));
            othersReadNothing(data);
        }
    }

    @Test
    void otherUsersCannotReadTheDataFolderOfAUser() throws Exception {
        var data = Server.freshFolder();
        Files.setAttribute(data, "unix:uid", DAEMON);
        for (var part : List.of("deploy/serve", "target/quarkus-app")) {
            new ProgramRunner(scratch)
                    .run("cp", "-r", Path.of(part).toAbsolutePath().toString(), scratch.toString())
                    .succeeded();
        }
        Files.setPosixFilePermissions(scratch, OPEN);
        try (var server = Server.startAs(DAEMON, scratch, data)) {
            NarClient.push(server, new SeededNar(1, 2_000_000));
            Poll.until("there is an index", () -> hasFile(data, "index/.*/cursor"));
            othersReadNothing(data);
        }
    }

    /** First checks as root that packs, an index and keys exist. */
    private void othersReadNothing(Path data) throws Exception {
        for (var file : List.of("store/packs/.+", "index/.*/cursor", "instance.key", "admin-token")) {
            assertTrue(hasFile(data, file), file);
        }
        for (var name : List.of("store", "index")) {
            assertEquals("rwx------", mode(data.resolve(name)), name);
        }
        // a user of its own, like that of PostgreSQL when root starts the server
        assertEquals(
                List.of(),
                readableBy(NOBODY, data).stream()
                        .filter(file -> !file.startsWith("postgres/"))
                        .toList());
        assertEquals(List.of(), readableBy(SOMEBODY, data));
    }

    private static boolean hasFile(Path data, String name) throws IOException {
        try (var files = Files.walk(data)) {
            return files.anyMatch(file -> data.relativize(file).toString().matches(name));
        } catch (UncheckedIOException changing) {
            return false;
        }
    }

    /** Returns the files relative to the folder, without the log that the test writes. */
    private List<String> readableBy(int user, Path data) {
        var found = new ProgramRunner(scratch)
                .run(Server.as(user, "find", data.toString(), "-type", "f", "-readable", "-printf", "%P\\n"));
        return found.out().lines().filter(file -> !file.equals("server.log")).toList();
    }

    private static void openAsEarlierVersionsDid(Path data) throws IOException {
        try (var files = Files.walk(data)) {
            for (var file : files.filter(file -> !file.startsWith(data.resolve("postgres")))
                    .toList()) {
                Files.setPosixFilePermissions(
                        file, Files.isDirectory(file) ? OPEN : PosixFilePermissions.fromString("rw-r--r--"));
            }
        }
        Files.setPosixFilePermissions(data.resolve("postgres"), OPEN);
        Files.setPosixFilePermissions(data.resolve("postgres/17"), OPEN);
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
