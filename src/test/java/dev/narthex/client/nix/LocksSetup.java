package dev.narthex.client.nix;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.RecordingProxy;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server behind a recording proxy, and builds of lockfiles with nix. */
abstract class LocksSetup {
    static final ObjectMapper JSON = new ObjectMapper();
    static final int PACKAGES = 40;
    static final String CACHE = "locks";

    final SharedServer shared = SharedServer.instance();
    final Server server = shared.server;

    @TempDir
    Path scratch;

    RecordingProxy watched;

    @BeforeEach
    void watch() throws IOException {
        watched = new RecordingProxy(server);
    }

    @AfterEach
    void leave() {
        watched.close();
    }

    HttpResponse<String> send(String method, String path, String type, byte[] body, String accept)
            throws IOException, InterruptedException {
        return server.http.send(
                server.authorized(path)
                        .header("Content-Type", type)
                        .header("Accept", accept)
                        .method(method, BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
    }

    /** All others depend on the first one, and every tenth has a scope. */
    static String name(int number) {
        return number == 0 ? "mast" : number % 10 == 0 ? "@ropes/rope-" + number : "rope-" + number;
    }

    JsonNode lock(ProgramRunner npm) throws IOException, InterruptedException {
        npm.run("npm", "install", "--package-lock-only", "--no-audit", "--ignore-scripts")
                .succeeded();
        return answered(CACHE + "/locks/npm", scratch.resolve("project/package-lock.json"));
    }

    JsonNode answered(String locks, Path lock) throws IOException, InterruptedException {
        var answer = send(
                "POST", "/_api/v1/" + locks, "application/octet-stream", Files.readAllBytes(lock), "application/json");
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    ProgramRunner project() throws IOException {
        var folder = Files.createDirectories(scratch.resolve("project"));
        NodeClient.NPM.configure(
                folder, server.uri("/registry/" + CACHE + "/npm/").toString());
        var needs = IntStream.range(0, PACKAGES)
                .mapToObj(i -> "\"%s\":\"^1.0.0\"".formatted(name(i)))
                .collect(Collectors.joining(","));
        Files.writeString(
                folder.resolve("package.json"),
                "{\"name\":\"ship\",\"version\":\"1.0.0\",\"private\":true,\"dependencies\":{" + needs + "}}");
        return new ProgramRunner(folder);
    }

    ProgramRunner nix() throws IOException {
        return CORPUS.nix(Files.createDirectories(scratch.resolve("nix")));
    }

    /** @param substituters empty to fetch everything */
    ProgramRunner.Result build(ProgramRunner nix, Path store, String substituters, String... words) {
        var command = new ArrayList<>(List.of(
                "nix-build",
                "--store",
                store.toString(),
                "--no-out-link",
                "--option",
                "substituters",
                substituters,
                "--option",
                "require-sigs",
                "true",
                "--option",
                "trusted-public-keys",
                ""));
        command.addAll(Arrays.asList(words));
        return nix.run(command);
    }

    Path expression(JsonNode answer, String name) throws IOException {
        return Files.writeString(scratch.resolve(name), answer.path("nix").asText());
    }

    static List<String> paths(JsonNode answer) {
        return StreamSupport.stream(answer.path("entries").spliterator(), false)
                .map(entry -> entry.path("path").asText())
                .toList();
    }

    void cache(String name) throws IOException, InterruptedException {
        var made = send(
                "POST",
                "/_api/v1/caches",
                "application/json",
                ("{\"name\":\"" + name + "\",\"public\":true}").getBytes(),
                "*/*");
        assertEquals(201, made.statusCode(), made.body());
    }
}
