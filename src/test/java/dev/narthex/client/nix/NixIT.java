package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real nix against the running server. */
class NixIT {
    private final SharedServer shared = SharedServer.instance();
    private final URI cache = shared.cache();
    private final Item text = CORPUS.items().stream()
            .filter(item -> item.name().startsWith("uses-text"))
            .findFirst()
            .orElseThrow();

    @TempDir
    Path scratch;

    private ProgramRunner nix;

    @BeforeEach
    void client() {
        nix = CORPUS.nix(scratch);
    }

    @Test
    void pushedPathsAreServedUnchangedAndSigned() throws IOException {
        var paths = CORPUS.items().stream().map(Item::path).toList();
        var fresh = scratch.resolve("fresh").toString();
        var fetch = new ArrayList<>(List.of(
                "nix-store",
                "--store",
                fresh,
                "--option",
                "substituters",
                cache.toString(),
                "--option",
                "require-sigs",
                "true",
                "--option",
                "trusted-public-keys",
                publicKey(),
                "--realise"));
        fetch.addAll(paths);
        nix.run(fetch).succeeded();
        var info = new ArrayList<>(List.of("nix", "path-info", "--store", fresh, "--json"));
        info.addAll(paths);
        var hashes = new ObjectMapper().readTree(nix.run(info).succeeded().out());
        for (var item : CORPUS.items()) {
            assertEquals(
                    item.narHash(), hashes.path(item.path()).path("narHash").asText(), item.path());
        }
    }

    @Test
    void repeatedPushSendsNothing() {
        var again = shared.push(
                        nix, "zstd", CORPUS.items().stream().map(Item::path).toList())
                .succeeded();
        assertFalse(again.err().contains("copying path"), again.err());
    }

    @Test
    void uploadsInEveryCompressionAreTheSameNar() throws IOException, InterruptedException {
        for (var compression : List.of("none", "xz", "gzip")) {
            var folder = scratch.resolve(compression);
            nix.run(
                            "nix",
                            "copy",
                            "--from",
                            CORPUS.store(),
                            "--to",
                            "file://" + folder + "?compression=" + compression,
                            text.path())
                    .succeeded();
            try (var files = Files.list(folder.resolve("nar"))) {
                for (var file : files.toList()) {
                    given().header("Authorization", bearer())
                            .body(Files.readAllBytes(file))
                            .put(cache + "/nar/" + file.getFileName())
                            .then()
                            .statusCode(201);
                }
            }
            given().header("Authorization", bearer())
                    .body(Files.readAllBytes(folder.resolve(text.hash() + ".narinfo")))
                    .put(cache + "/" + text.hash() + ".narinfo")
                    .then()
                    .statusCode(200);
        }
        nix.run("nix", "store", "verify", "--store", cache.toString(), "--no-trust", text.path())
                .succeeded();
    }

    @Test
    void storeCommandsReadTheCache() {
        var url = cache.toString();
        assertTrue(nix.run("nix", "path-info", "--store", url, "-r", text.path())
                .succeeded()
                .out()
                .contains(text.path()));
        assertTrue(nix.run("nix", "store", "ls", "--store", url, text.path() + "/")
                .succeeded()
                .out()
                .contains("where"));
        assertTrue(nix.run("nix", "store", "cat", "--store", url, text.path() + "/where")
                .succeeded()
                .out()
                .contains("/nix/store/"));
        nix.run("nix", "store", "verify", "--store", url, "--trusted-public-keys", publicKey(), text.path())
                .succeeded();
    }

    @Test
    void verifyCommandOfTheProvenancePageWorks() throws IOException {
        var trusted = publicKey();
        for (var release : List.of("nix/uses-text@1", "nix/tree@2.2.1", "npm/debug@latest")) {
            var told = given().urlEncodingEnabled(false)
                    .get(shared.server.uri("/api/main/" + release + "/provenance"))
                    .then()
                    .statusCode(200)
                    .body("steps.find { it.name == 'derivation' }.checked", equalTo(true));
            String command = told.extract().path("command");
            nix.run("sh", "-c", command).succeeded();
            assertTrue(command.contains(trusted), command);
        }
        var secret = Files.writeString(
                scratch.resolve("other.sec"),
                nix.run("nix", "key", "generate-secret", "--key-name", "main")
                        .succeeded()
                        .out());
        var other = nix.run("sh", "-c", "nix key convert-secret-to-public < " + secret)
                .succeeded()
                .out()
                .strip();
        String command = given().urlEncodingEnabled(false)
                .get(shared.server.uri("/api/main/nix/tree@2.2.1/provenance"))
                .path("command");
        var refused = nix.run("sh", "-c", command.replace(trusted, other)).failed();
        assertTrue(refused.err().contains("is untrusted"), refused.err());
    }

    @Test
    void addedSignatureIsServedBesideThatOfTheCache() throws IOException {
        var key = scratch.resolve("later.sec");
        Files.writeString(
                key,
                nix.run("nix", "key", "generate-secret", "--key-name", "later-1")
                        .succeeded()
                        .out());
        nix.run(
                        "nix",
                        "store",
                        "sign",
                        "--option",
                        "netrc-file",
                        shared.netrc.toString(),
                        "--store",
                        cache.toString(),
                        "-k",
                        key.toString(),
                        text.path())
                .succeeded();
        given().get(cache + "/" + text.hash() + ".narinfo")
                .then()
                .statusCode(200)
                .body(containsString("Sig: later-1:"), containsString("Sig: main:"));
    }

    @Test
    void derivationsAndBuildLogsAreReadBack() {
        var drv = text.drvPath().substring("/nix/store/".length());
        nix.run("nix", "log", "--store", cache.toString(), text.path()).succeeded();
        given().get(cache + "/log/" + drv).then().statusCode(200).contentType(startsWith("text/plain"));
        var fresh = scratch.resolve("fresh").toString();
        nix.run(
                        "nix",
                        "copy",
                        "--from",
                        cache.toString(),
                        "--to",
                        fresh,
                        "--no-check-sigs",
                        "--derivation",
                        text.drvPath())
                .succeeded();
    }

    @Test
    void refusalExplainsTheNextStep() {
        var refused = nix.run("nix", "copy", "--from", CORPUS.store(), "--to", cache.toString(), "--refresh", absent())
                .failed();
        assertTrue(refused.err().contains("needs a token"), refused.err());
        given().body(new byte[] {1, 2, 3})
                .put(cache + "/nar/x.nar")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", startsWith("Basic"));
    }

    /** Adds a path to the local store only. */
    private String absent() {
        var file = scratch.resolve("note.txt");
        try {
            Files.writeString(file, "not in the cache " + scratch);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return nix.run("nix", "store", "add", "--mode", "flat", "--store", CORPUS.store(), file.toString())
                .succeeded()
                .out()
                .strip();
    }

    @Test
    void cacheInfoNamesTheStore() {
        given().get(cache + "/nix-cache-info")
                .then()
                .statusCode(200)
                .contentType(startsWith("text/x-nix-cache-info"))
                .body(equalTo("StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 41\n"));
    }

    private String bearer() throws IOException {
        return "Bearer " + Files.readString(shared.netrc).strip().replaceAll(".* ", "");
    }

    private String publicKey() {
        return given().get(shared.server.uri("/api/main"))
                .then()
                .statusCode(200)
                .extract()
                .path("publicKeys[0]");
    }
}
