package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.Base64;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server starts only with the instance key of its data. */
class WrongInstanceKeyIT {
    @Tag("long")
    @Test
    void serverRefusesToStartWithAWrongInstanceKey() throws Exception {
        var data = Server.folder();
        var keyFile = data.resolve("instance.key");
        String publicKey;
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            publicKey = publicKeys(server);
        }
        var correctKey = Files.readString(keyFile);
        var otherKey = Base64.getEncoder().encodeToString(new byte[32]);
        Files.writeString(keyFile, otherKey);
        assertStartIsRefused(
                () -> Server.start(data, Server.SHORT_LIVED),
                "not the one with which the secrets in this database were wrapped");
        Files.delete(keyFile);
        assertStartIsRefused(
                () -> Server.start(data, Server.SHORT_LIVED),
                "not the one with which the secrets in this database were wrapped");
        assertStartIsRefused(() -> Server.start(data, "-Dnarthex.instance-key=c2hvcnQ="), "base64 of 32 bytes");
        try (var server = Server.start(data, "-Dnarthex.instance-key=" + correctKey)) {
            assertEquals(publicKey, publicKeys(server));
        }
    }

    private interface ServerStart {
        Server start() throws Exception;
    }

    private static void assertStartIsRefused(ServerStart start, String message) {
        var error = assertThrows(AssertionError.class, () -> start.start().close());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    private static String publicKeys(Server server) throws Exception {
        var response = server.http.send(server.request("/api/main").build(), BodyHandlers.ofString());
        return ScriptlessBrowser.first("\"publicKeys\":\\[([^\\]]+)\\]", response.body());
    }
}
