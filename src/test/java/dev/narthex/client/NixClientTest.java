package dev.narthex.client;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.TestDatabase;
import dev.narthex.client.Corpus.Item;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nix against the real application. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NixClientTest {
    private static final Corpus CORPUS = Corpus.open();

    @TestHTTPResource("/main")
    URI cache;

    @ConfigProperty(name = "narthex.data")
    Path data;

    @TempDir
    Path scratch;

    private Programs nix;
    private String netrc;

    @BeforeEach
    void credentials() throws IOException {
        nix = CORPUS.nix(scratch);
        var file = scratch.resolve("netrc");
        var token = Files.readString(data.resolve("admin-token")).strip();
        Files.writeString(file, "machine " + cache.getHost() + " login token password " + token + "\n");
        netrc = file.toString();
    }

    @Test
    void whatIsPushedComesBackByteForByteAndSigned() throws IOException {
        push("zstd", paths(CORPUS.items())).succeeded();
        var fresh = scratch.resolve("fresh").toString();
        fetch(fresh, paths(CORPUS.items())).succeeded();
        var hashes = new ObjectMapper()
                .readTree(nix.run(nixCommand(List.of("path-info", "--store", fresh, "--json"), paths(CORPUS.items())))
                        .succeeded()
                        .out());
        for (var item : CORPUS.items()) {
            assertEquals(item.narHash(), hashes.path(item.path()).path("narHash").asText(), item.path());
        }
    }

    @Test
    void aSecondPushSendsNothing() {
        push("zstd", paths(CORPUS.items())).succeeded();
        var again = push("zstd", paths(CORPUS.items())).succeeded();
        assertFalse(again.err().contains("copying path"), again.err());
    }

    @Test
    void plainAndXzUploadsAreTheSameNar() {
        var item = CORPUS.items().stream().filter(i -> i.name().startsWith("uses-text")).findFirst().orElseThrow();
        for (var compression : List.of("none", "xz", "gzip")) {
            push(compression, List.of(item.path())).succeeded();
        }
        nix.run("nix", "store", "verify", "--store", cache.toString(), "--no-trust", item.path()).succeeded();
    }

    @Test
    void storeCommandsReadTheCache() {
        push("zstd", paths(CORPUS.items())).succeeded();
        var item = CORPUS.items().stream().filter(i -> i.name().startsWith("uses-text")).findFirst().orElseThrow();
        var url = cache.toString();
        assertTrue(nix.run("nix", "path-info", "--store", url, "-r", item.path()).succeeded().out().contains(item.path()));
        assertTrue(nix.run("nix", "store", "ls", "--store", url, item.path()).succeeded().out().contains("where"));
        assertTrue(nix.run("nix", "store", "cat", "--store", url, item.path() + "/where").succeeded().out().contains("/nix/store/"));
        nix.run("nix", "store", "verify", "--store", url, "--trusted-public-keys", publicKey(), item.path()).succeeded();
    }

    @Test
    void aSignatureAddedLaterIsKeptAndTheFirstOneToo() throws IOException {
        push("zstd", paths(CORPUS.items())).succeeded();
        var item = CORPUS.items().stream().filter(i -> i.name().startsWith("uses-text")).findFirst().orElseThrow();
        var key = scratch.resolve("later.sec");
        Files.writeString(key, nix.run("nix", "key", "generate-secret", "--key-name", "later-1").succeeded().out());
        nix.run("nix", "store", "sign", "--option", "netrc-file", netrc, "--store", cache.toString(), "-k", key.toString(), item.path())
                .succeeded();
        given().get(cache + "/" + item.hash() + ".narinfo").then().statusCode(200)
                .body(containsString("Sig: later-1:"), containsString("Sig: main:"));
    }

    @Test
    void derivationsAndBuildLogsCanBeReadBack() {
        var item = CORPUS.items().stream().filter(i -> i.name().startsWith("uses-text")).findFirst().orElseThrow();
        push("zstd", List.of("--derivation", item.drvPath())).succeeded();
        push("zstd", List.of(item.path())).succeeded();
        nix.run("nix", "store", "copy-log", "--option", "netrc-file", netrc, "--from", CORPUS.store(), "--to", cache.toString(), item.path())
                .succeeded();
        nix.run("nix", "log", "--store", cache.toString(), item.path()).succeeded();
        given().get(cache + "/log/" + item.drvPath().substring("/nix/store/".length())).then().statusCode(200)
                .contentType(startsWith("text/plain"));
    }

    @Test
    void withoutATokenNothingIsTakenAndNixSaysWhy() {
        var refused = nix.run("nix", "copy", "--from", CORPUS.store(), "--to", cache + "?compression=zstd",
                        CORPUS.items().getFirst().path() + "-absent-from-cache")
                .failed();
        assertFalse(refused.err().isEmpty());
        given().body(new byte[] {1, 2, 3}).put(cache + "/nar/x.nar").then().statusCode(401)
                .header("WWW-Authenticate", startsWith("Basic"))
                .body(containsString("needs a token"));
    }

    @Test
    void cacheInfoNamesTheStore() {
        given().get(cache + "/nix-cache-info").then().statusCode(200)
                .contentType(startsWith("text/x-nix-cache-info"))
                .body(equalTo("StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 41\n"));
    }

    private Programs.Result push(String compression, List<String> what) {
        return nix.run(nixCommand(
                List.of("copy", "--refresh", "--option", "netrc-file", netrc, "--from", CORPUS.store(), "--to",
                        cache + "?compression=" + compression),
                what));
    }

    private Programs.Result fetch(String store, List<String> paths) {
        var command = new ArrayList<>(List.of("nix-store", "--store", store, "--option", "substituters", cache.toString(),
                "--option", "require-sigs", "true", "--option", "trusted-public-keys", publicKey(), "--realise"));
        command.addAll(paths);
        return nix.run(command);
    }

    private static List<String> nixCommand(List<String> command, List<String> rest) {
        var all = new ArrayList<>(List.of("nix"));
        all.addAll(command);
        all.addAll(rest);
        return all;
    }

    private String publicKey() {
        return given().get(cache.resolve("/api/main")).then().statusCode(200).extract().path("publicKeys[0]");
    }

    private static List<String> paths(List<Item> items) {
        return items.stream().map(Item::path).collect(Collectors.toList());
    }
}
