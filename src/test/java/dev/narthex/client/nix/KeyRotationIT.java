package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nix, which trusts only one key, before, during and after a rotation; and a cache that is deleted. */
class KeyRotationIT {
    private static final String CACHE = "rotated";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SharedServer shared = SharedServer.instance();
    private final Server server = shared.server;
    private final Item text = CORPUS.items().stream()
            .filter(item -> item.name().startsWith("uses-text"))
            .findFirst()
            .orElseThrow();

    @TempDir
    Path scratch;

    private JsonNode ask(int status, String method, String path, String body) throws IOException, InterruptedException {
        var answer = server.http.send(
                server.authorized("/_api/v1/caches" + path)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(status, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    /** A client with its own store and cache folder. */
    private ProgramRunner.Result fetch(String trustedKey) throws IOException {
        var home = Files.createTempDirectory(scratch, "home");
        return CORPUS.nix(home)
                .run(List.of(
                        "nix-store",
                        "--store",
                        home.resolve("store").toString(),
                        "--option",
                        "substituters",
                        server.uri("/" + CACHE).toString(),
                        "--option",
                        "require-sigs",
                        "true",
                        "--option",
                        "trusted-public-keys",
                        trustedKey,
                        "--realise",
                        text.path()));
    }

    @Test
    void bothKeysAreTrustedUntilTheOldOneIsRetired() throws Exception {
        var old = ask(201, "POST", "", "{\"name\":\"rotated\",\"public\":true}")
                .path("publicKeys")
                .path(0)
                .asText();
        CORPUS.push(
                        CORPUS.nix(scratch),
                        shared.netrc,
                        server.uri("/" + CACHE) + "?compression=zstd",
                        List.of(text.path()))
                .succeeded();
        fetch(old).succeeded();
        var fresh = ask(201, "POST", "/rotated/keys", "").path("publicKey").asText();
        assertTrue(fresh.startsWith("rotated-2:"), fresh);
        fetch(old).succeeded();
        fetch(fresh).succeeded();
        ask(200, "PATCH", "/rotated/keys/rotated", "{\"signing\":false}");
        fetch(fresh).succeeded();
        fetch(old).failed();
        ask(200, "DELETE", "/rotated", "");
        fetch(fresh).failed();
        ask(200, "POST", "/rotated/undelete", "");
        fetch(fresh).succeeded();
    }
}
