package dev.narthex.client.trees;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.TreesFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real npm and pip install from a cache into which nix pushed only trees: the server derived the files. */
class TreesIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TreesFixture trees = TreesFixture.instance();
    private final Server server = trees.server;

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    @BeforeEach
    void clients() throws IOException {
        programs = new ProgramRunner(scratch)
                .with("npm_config_registry", server.uri("/registry/main/npm/").toString())
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false")
                .with("npm_config_fund", "false")
                .with("npm_config_audit", "false")
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1")
                .with("PIP_INDEX_URL", server.uri("/registry/main/pypi/simple/").toString());
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
    }

    @Test
    void npmInstallsDependenciesToo() {
        programs.run("npm", "install", "--no-save", "debug", "lodash").succeeded();
        programs.run("node", "-e", "require('debug')('x')('y'); require('lodash').chunk([1])")
                .succeeded();
    }

    @Test
    void installedCommandRuns() {
        programs.run("npm", "install", "--no-save", "semver").succeeded();
        var picked = programs.run("node_modules/.bin/semver", "-r", ">1.0.0", "1.2.3", "0.9.0")
                .succeeded();
        assertEquals("1.2.3", picked.out().strip());
    }

    @Test
    void nixFetchesDerivedFilesWithoutASignature() throws Exception {
        var item = trees.offered("npm").findFirst().orElseThrow();
        var page = server.http.send(
                server.request("/registry/main/npm/" + item.packageName()).build(), BodyHandlers.ofString());
        var dist =
                JSON.readTree(page.body()).path("versions").path(item.version()).path("dist");
        var hash = NixHash.parse(dist.path("integrity").asText());
        var base = dist.path("tarball").asText().replaceFirst(".*/", "");
        var path = new ContentAddress.Fixed(false, hash).storePath(base);
        var store = scratch.resolve("store").toString();
        var copied = TreesFixture.CORPUS
                .nix(scratch)
                .run(
                        "nix",
                        "copy",
                        "--from",
                        server.uri("/main").toString(),
                        "--to",
                        store,
                        "--option",
                        "require-sigs",
                        "true",
                        "--option",
                        "trusted-public-keys",
                        "",
                        path.toString());
        copied.succeeded();
        assertFalse(Files.isDirectory(Path.of(store + path)));
        assertEquals(
                hash,
                new NixHash(
                        hash.algorithm(),
                        hash.algorithm().newDigest().digest(Files.readAllBytes(Path.of(store + path)))));
    }
}
