package dev.narthex.client.ops;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real clients with limited tokens use a private cache. */
class TokensIT {
    private static final String CACHE = "closed";

    private final SharedServer shared = SharedServer.instance();
    private final Server server = shared.server;
    private final List<String> secrets = new ArrayList<>();

    @TempDir
    Path scratch;

    @BeforeEach
    void aPrivateCache() throws Exception {
        try (var rows = new ServerDatabase(server)) {
            rows.cache(CACHE, false);
        }
    }

    private String token(String actions) throws IOException, InterruptedException {
        var body = "{\"label\":\"test\",\"caches\":[\"clo*\"],\"actions\":[" + actions + "]}";
        var answer = server.http.send(
                server.authorized("/_api/v1/tokens")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, answer.statusCode(), answer.body());
        var text = new ObjectMapper().readTree(answer.body()).path("token").asText();
        secrets.add(text);
        return text;
    }

    private ProgramRunner.Result push(String token) throws IOException {
        var netrc =
                Files.writeString(scratch.resolve("netrc"), "machine 127.0.0.1 login anyone password " + token + "\n");
        return CORPUS.push(
                CORPUS.nix(scratch),
                netrc,
                server.uri("/" + CACHE) + "?compression=zstd",
                List.of(tarball().path()));
    }

    /** An item whose npm package has no dependencies. */
    private static Corpus.Item tarball() {
        return CORPUS.items().stream()
                .filter(item -> item.kind().equals("source") && item.ecosystem().equals("npm"))
                .filter(item -> item.packageName().equals("ms"))
                .findFirst()
                .orElseThrow();
    }

    private ProgramRunner npm(String token) throws IOException {
        var registry = server.uri("/registry/" + CACHE + "/npm/").toString();
        Files.writeString(
                scratch.resolve(".npmrc"),
                "registry=" + registry + "\n" + registry.substring(registry.indexOf("//")) + ":_authToken=" + token
                        + "\n");
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
        return new ProgramRunner(scratch)
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false");
    }

    private ProgramRunner.Result pip(String login) {
        var index =
                server.uri("/registry/" + CACHE + "/pypi/simple/").toString().replace("://", "://" + login);
        return new ProgramRunner(scratch)
                .run("pip", "download", "--no-cache-dir", "--no-deps", "--index-url", index, "no-such-project-here");
    }

    @Test
    void clientsUseAPrivateCacheWithLimitedTokens() throws Exception {
        var reader = token("\"read\"");
        var publisher = token("\"push\",\"publish\"");
        var refused = push(reader).failed();
        assertTrue(refused.err().contains("403") || refused.err().contains("scope"), refused.err());
        push(publisher).succeeded();
        var item = tarball();
        Poll.until(
                "the tarball is offered",
                () -> npm(reader)
                                .run("npm", "view", item.packageName(), "version")
                                .status()
                        == 0);
        npm(reader).run("npm", "install", "--no-audit", item.packageName()).succeeded();
        assertTrue(Files.exists(scratch.resolve("node_modules/" + item.packageName() + "/package.json")));
        Files.delete(scratch.resolve("package-lock.json"));
        npm("").run("npm", "view", item.packageName(), "version").failed();
        // pip requested missing packages with sufficient permissions
        assertTrue(pip("__token__:" + reader + "@").failed().err().contains("No matching distribution"));
        assertTrue(pip("").failed().err().contains("401"));
        for (var secret : secrets) {
            assertFalse(server.log().contains(secret), "a token is in the log");
        }
    }
}
