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

/** A server does not start with another instance key than that of its data, and starts again with the right one. */
class WrongInstanceKeyIT {
    @Tag("long")
    @Test
    void wrongInstanceKeyIsRefused() throws Exception {
        var data = Server.folder();
        var file = data.resolve("instance.key");
        String publicKey;
        try (var server = Server.start(data, Server.SHORT_LIVED)) {
            publicKey = page(server);
        }
        var right = Files.readString(file);
        var other = Base64.getEncoder().encodeToString(new byte[32]);
        Files.writeString(file, other);
        refused(
                () -> Server.start(data, Server.SHORT_LIVED),
                "not the one with which the secrets in this database were wrapped");
        Files.delete(file);
        refused(
                () -> Server.start(data, Server.SHORT_LIVED),
                "not the one with which the secrets in this database were wrapped");
        refused(() -> Server.start(data, "-Dnarthex.instance-key=c2hvcnQ="), "base64 of 32 bytes");
        try (var server = Server.start(data, "-Dnarthex.instance-key=" + right)) {
            assertEquals(publicKey, page(server));
        }
    }

    private interface Start {
        Server now() throws Exception;
    }

    private static void refused(Start start, String words) {
        var refused = assertThrows(AssertionError.class, () -> start.now().close());
        assertTrue(refused.getMessage().contains(words), refused.getMessage());
    }

    private static String page(Server server) throws Exception {
        var answer = server.http.send(server.request("/api/main").build(), BodyHandlers.ofString());
        return ScriptlessBrowser.first("\"publicKeys\":\\[([^\\]]+)\\]", answer.body());
    }
}
