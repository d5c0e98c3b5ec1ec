package dev.narthex.client.npm;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.NodeClient.Task;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.RawResponse;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.UnsignedNixFetch;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** npm, pnpm, yarn and bun publish with their own commands; other clients and nix install the result. */
class NpmPublishIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SharedServer SHARED = SharedServer.instance();
    private static final String REGISTRY =
            SHARED.server.uri("/registry/main/npm/").toString();
    private static final Map<NodeClient, List<String>> PUBLISH = Map.of(
            NodeClient.NPM, List.of("publish"),
            NodeClient.PNPM, List.of("publish", "--no-git-checks"),
            NodeClient.YARN_CLASSIC, List.of("publish", "--non-interactive"),
            NodeClient.YARN_BERRY, List.of("npm", "publish"),
            NodeClient.BUN, List.of("publish"));

    @TempDir
    Path scratch;

    /** A project folder with a token. */
    private ProgramRunner project(NodeClient client, String folder, String packageJson) throws IOException {
        var at = Files.createDirectories(scratch.resolve(folder));
        Files.writeString(at.resolve("package.json"), packageJson);
        client.configure(at, REGISTRY);
        var token = SHARED.bearer().replaceFirst(".* ", "");
        if (client == NodeClient.YARN_BERRY) {
            Files.writeString(
                    at.resolve(".yarnrc.yml"),
                    Files.readString(at.resolve(".yarnrc.yml")) + "npmAuthToken: \"" + token
                            + "\"\nnpmAlwaysAuth: true\n");
        } else {
            Files.writeString(
                    at.resolve(".npmrc"),
                    Files.readString(at.resolve(".npmrc")) + REGISTRY.replaceFirst("http:", "") + ":_authToken=" + token
                            + "\nalways-auth=true\n");
        }
        return new ProgramRunner(at).with("NO_COLOR", "1").with("CI", "1").with("DO_NOT_TRACK", "1");
    }

    /** With a command, an optional dependency, an install script and a native build, which clients describe differently. */
    private ProgramRunner craft(NodeClient client, String name, String version)
            throws IOException, InterruptedException {
        others();
        var programs = project(client, name.replaceFirst(".*/", "") + version, """
                {"name":"%s","version":"%s","description":"A craft","license":"MIT","bin":"./cli.js",
                 "repository":"github:example/craft","dependencies":{"craft-mast":"^1.0.0"},
                 "optionalDependencies":{"craft-flag":"1.x"},
                 "scripts":{"test":"./node_modules/.bin/tap"},"files":["cli.js"]}
                """.formatted(name, version));
        var at = scratch.resolve(name.replaceFirst(".*/", "") + version);
        Files.writeString(at.resolve("README.md"), "# " + name + "\n");
        var cli = Files.writeString(at.resolve("cli.js"), "#!/usr/bin/env node\nconsole.log('" + name + "')\n");
        Files.setPosixFilePermissions(cli, PosixFilePermissions.fromString("rwxr-xr-x"));
        return programs;
    }

    private static String name(NodeClient client) {
        return "@craft/" + client.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static ProgramRunner.Result publish(NodeClient client, ProgramRunner programs) {
        if (client == NodeClient.YARN_BERRY) {
            client.run(programs.with("YARN_ENABLE_IMMUTABLE_INSTALLS", "false"), "install")
                    .succeeded();
        }
        return client.run(programs, PUBLISH.get(client).toArray(String[]::new));
    }

    private static JsonNode json(String path) throws IOException, InterruptedException {
        var answer = SHARED.server.http.send(SHARED.server.request(path).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), path + ": " + answer.body());
        return JSON.readTree(answer.body());
    }

    @ParameterizedTest
    @EnumSource
    void publishedVersionIsInstalledByOthersAndNotReplaced(NodeClient client) throws Exception {
        var name = name(client);
        var programs = craft(client, name, "1.0.0");
        publish(client, programs).succeeded();
        var manifest = json("/registry/main/npm/" + name + "/1.0.0");
        assertEquals("cli.js", manifest.path("bin").path(name.substring(7)).asText(), manifest.toString());
        assertEquals(
                "# " + name + "\n",
                json("/registry/main/npm/" + name).path("readme").asText());
        var reader = client == NodeClient.BUN ? NodeClient.NPM : NodeClient.BUN;
        var consumer = project(reader, "installs-" + reader, "{\"name\":\"reader\",\"version\":\"1.0.0\"}");
        reader.run(consumer, Task.ADD, name + "@1.0.0").succeeded();
        var at = scratch.resolve("installs-" + reader + "/node_modules");
        var said = consumer.run(at.resolve(".bin/" + name.substring(7)).toString());
        assertEquals(name, said.succeeded().out().strip());
        assertTrue(Files.exists(at.resolve("craft-mast/package.json")), "its dependency");
        assertNotPublishedOver(client, programs, name, manifest);
    }

    private void assertNotPublishedOver(NodeClient client, ProgramRunner programs, String name, JsonNode manifest)
            throws IOException, InterruptedException {
        Files.writeString(scratch.resolve(name.substring(7) + "1.0.0/cli.js"), "console.log('other')\n");
        var refused = publish(client, programs).failed();
        var said = (refused.out() + refused.err()).toLowerCase(Locale.ROOT);
        assertTrue(said.contains("cannot publish over"), said);
        assertEquals(
                manifest.path("dist").path("integrity"),
                json("/registry/main/npm/" + name + "/1.0.0").path("dist").path("integrity"));
    }

    /** Fields that all clients need; the first test publishes the package. */
    private void others() throws IOException, InterruptedException {
        for (var name : List.of("craft-mast", "craft-flag")) {
            var known = SHARED.server.http.send(
                    SHARED.server.request("/registry/main/npm/" + name).build(), BodyHandlers.discarding());
            if (known.statusCode() == 404) {
                publish(
                                NodeClient.NPM,
                                project(
                                        NodeClient.NPM,
                                        name,
                                        "{\"name\":\"%s\",\"version\":\"1.0.0\"}".formatted(name)))
                        .succeeded();
            }
        }
    }

    /** By both store paths of nixpkgs' fetchers, from a cache whose keys are not trusted. */
    @Test
    void nixFetchesTheTarballWithoutASignature() throws Exception {
        publish(NodeClient.NPM, craft(NodeClient.NPM, "@craft/for-nix", "1.0.0"))
                .succeeded();
        var tarball = SHARED.server
                .http
                .send(
                        SHARED.server
                                .request("/registry/main/npm/@craft/for-nix/-/for-nix-1.0.0.tgz")
                                .build(),
                        BodyHandlers.ofByteArray())
                .body();
        UnsignedNixFetch.taken(CORPUS, scratch, SHARED.cache(), "for-nix-1.0.0.tgz", tarball);
    }

    @Test
    void npmDistTagDeprecateAndUnpublishWork() throws Exception {
        for (var version : List.of("1.0.0", "1.1.0")) {
            publish(NodeClient.NPM, craft(NodeClient.NPM, "@craft/changed", version))
                    .succeeded();
        }
        var npm = project(NodeClient.NPM, "changes", "{}");
        npm.run("npm", "dist-tag", "add", "@craft/changed@1.0.0", "stable").succeeded();
        assertEquals(
                "latest: 1.1.0\nstable: 1.0.0",
                npm.run("npm", "dist-tag", "ls", "@craft/changed")
                        .succeeded()
                        .out()
                        .strip());
        npm.run("npm", "dist-tag", "rm", "@craft/changed", "stable").succeeded();
        npm.run("npm", "deprecate", "@craft/changed@<1.1.0", "it leaks").succeeded();
        var told = npm.run("npm", "view", "@craft/changed@1.0.0", "deprecated").succeeded();
        assertEquals("it leaks", told.out().strip());
        npm.run("npm", "unpublish", "@craft/changed@1.1.0").succeeded();
        assertEquals(
                "1.0.0",
                npm.run("npm", "view", "@craft/changed", "version")
                        .succeeded()
                        .out()
                        .strip());
        npm.run("npm", "unpublish", "--force", "@craft/changed").succeeded();
        var gone = npm.run("npm", "view", "@craft/changed").failed();
        assertTrue(gone.err().contains("E404"), gone.err());
        Files.writeString(scratch.resolve("changed1.0.0/cli.js"), "console.log('other')\n");
        var again = publish(NodeClient.NPM, new ProgramRunner(scratch.resolve("changed1.0.0")))
                .failed();
        assertTrue(again.err().contains("This version was removed"), again.err());
    }

    /**
     * npm reads Sigstore's list of keys before the keys of the registry. The list is not available here, so an empty one
     * replaces it.
     */
    @Test
    void npmAuditSignaturesPasses() throws Exception {
        publish(NodeClient.NPM, craft(NodeClient.NPM, "@craft/signed", "1.0.0")).succeeded();
        var npm = project(NodeClient.NPM, "verifies", "{\"name\":\"reader\",\"version\":\"1.0.0\"}");
        npm.run("npm", "install", "@craft/signed@1.0.0").succeeded();
        var list = Files.writeString(scratch.resolve("list.cjs"), """
                const Module = require('module')
                const load = Module._load
                Module._load = function (name, ...rest) {
                  return name !== '@sigstore/tuf' ? load.call(this, name, ...rest) : {
                    initTUF: async () => ({
                      getTarget: async () => { throw Object.assign(new Error('not listed'), { code: 'TUF_FIND_TARGET_ERROR' }) },
                    }),
                  }
                }
                """);
        npm.with("NODE_OPTIONS", "--require " + list);
        var said = npm.run("npm", "audit", "signatures").succeeded().out();
        assertTrue(said.contains("3 packages have verified registry signatures"), said);
    }

    /** The Content-Length alone is over the limit, before the client has sent the body. */
    @Test
    void largeBodyIsRefusedBeforeItIsSent() throws IOException {
        for (var length : List.of("4000000000000", "5000")) {
            var answer = RawResponse.exchange(
                    SHARED.server,
                    "PUT /registry/main/npm/craft-large HTTP/1.1\r\nHost: x\r\n" + SHARED.bearer()
                            + "\r\nContent-Length: " + length + "\r\nExpect: 100-continue\r\n\r\n",
                    2000);
            assertEquals(length.equals("5000"), answer.continued(), answer.toString());
            assertEquals(length.equals("5000") ? 0 : 413, answer.status(), answer.toString());
        }
    }
}
