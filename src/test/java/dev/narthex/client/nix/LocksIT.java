package dev.narthex.client.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * Lockfiles of real clients become store paths, and real nix builds them from the cache or from the registry. Python lockfiles
 * list several files per package: all that are in the cache are built.
 */
class LocksIT extends LocksSetup {

    private void publish(int number, String version) throws IOException, InterruptedException {
        var name = name(number);
        var filling = new StringBuilder();
        new Random(number * 31L + version.hashCode()).ints(8000, '0', 'z').forEach(c -> filling.append((char) c));
        var sending = PublishRequestFixture.of(name, version, Map.of("package/filling.txt", filling.toString()));
        var answer = send(
                "PUT",
                "/registry/" + CACHE + "/npm/" + name.replace("/", "%2f"),
                "application/json",
                sending.body().getBytes(),
                "*/*");
        assertEquals(201, answer.statusCode(), answer.body());
    }

    /** Returns the number of body bytes sent to nix since the last call. */
    private long moved() {
        long bytes = watched.bytes();
        watched.forget();
        return bytes;
    }

    @Test
    void nixBuildsTheFilesOfALockfileFromTheCache() throws Exception {
        cache(CACHE);
        for (int i = 0; i < PACKAGES; i++) {
            publish(i, "1.0.0");
        }
        var npm = project();
        var answer = lock(npm);
        assertEquals(PACKAGES, answer.path("entries").size());
        assertEquals("[]", answer.path("missing").toString());
        assertEquals("[]", answer.path("skipped").toString());

        var nix = nix();
        var store = scratch.resolve("store");
        var substituter = watched.uri("/" + CACHE).toString();
        // without a build job nix can build nothing, not even with its internal builder
        var built = build(
                        nix,
                        store,
                        substituter,
                        expression(answer, "first.nix").toString(),
                        "-A",
                        "all",
                        "--max-jobs",
                        "0")
                .succeeded();
        assertEquals(
                new HashSet<>(paths(answer)), new HashSet<>(built.out().lines().toList()));
        assertEquals(
                PACKAGES,
                built.err()
                        .lines()
                        .filter(line -> line.startsWith("copying path"))
                        .count(),
                built.err());
        assertTrue(watched.asked().stream().noneMatch(asked -> asked.path().contains("/registry/")));
        for (var path : paths(answer)) {
            assertTrue(Files.size(Path.of(store + path)) > 5000, path);
        }
        watched.forget();

        publish(7, "1.1.0");
        Files.delete(scratch.resolve("project/package-lock.json"));
        var changed = lock(npm);
        var fresh = new HashSet<>(paths(changed));
        fresh.removeAll(paths(answer));
        assertEquals(1, fresh.size(), fresh.toString());
        build(nix, store, substituter, expression(changed, "second.nix").toString(), "-A", "all", "--max-jobs", "0")
                .succeeded();
        long one = moved();
        long all = asOneClosure(nix, answer, changed);
        assertTrue(one < all / 10, one + " of " + all);
        System.out.printf("locks: one dependency changed: %d bytes of %d%n", one, all);

        fetchedWithoutTheCache(nix, changed);
    }

    /** Random names: nix must read the names of dependencies unchanged. */
    @Test
    void nixReadsEveryKeyUnchanged() throws Exception {
        var random = new Random(7);
        var pieces = List.of(
                "${",
                "}",
                "\"",
                "\\",
                "$",
                "''",
                "\n",
                "\r",
                "\t",
                ";",
                "#",
                "/*",
                "=",
                " ",
                "a",
                "é",
                "\uD83D\uDE00",
                "\u0001",
                "\u007f",
                "\u2028",
                "\\n",
                "\\${",
                "$${",
                "builtins.abort \"x\"");
        var keys = new HashSet<String>();
        while (keys.size() < 400) {
            keys.add("node_modules/"
                    + random.ints(1 + random.nextInt(12), 0, pieces.size())
                            .mapToObj(pieces::get)
                            .collect(Collectors.joining()));
        }
        var lock = JSON.createObjectNode().put("lockfileVersion", 3);
        var packages = lock.putObject("packages");
        for (var key : keys) {
            packages.putObject(key)
                    .put("version", "1.0.0")
                    .put("resolved", "https://registry.example/" + key.replace("#", "") + "/x.tgz")
                    .put("integrity", "sha1-" + "A".repeat(27) + "=");
        }
        var answer =
                send("POST", "/_api/v1/main/locks/npm", "application/json", JSON.writeValueAsBytes(lock), "text/x-nix");
        assertEquals(200, answer.statusCode(), answer.body());
        var expression = Files.writeString(scratch.resolve("keys.nix"), answer.body());
        var read = nix().run(
                        "nix-instantiate",
                        "--store",
                        scratch.resolve("store").toString(),
                        "--eval",
                        "--strict",
                        "--json",
                        "-E",
                        "builtins.mapAttrs (key: file: file.url) (import " + expression + ").files")
                .succeeded();
        var told = JSON.readTree(read.out());
        var names = new HashSet<String>();
        told.fieldNames().forEachRemaining(names::add);
        assertEquals(keys, names);
        // all have the same bytes, so the file is listed once, with the URL of the first
        var first = packages.elements().next().path("resolved");
        told.forEach(url -> assertEquals(first, url));
    }

    /** The alternative: one path with all files of a lockfile, which changes with every change of the lockfile. */
    private long asOneClosure(ProgramRunner nix, JsonNode before, JsonNode after) throws IOException {
        var store = scratch.resolve("giant");
        for (var each : List.of(before, after)) {
            var folder = Files.createDirectories(
                    scratch.resolve("all" + (each == before ? "before" : "after") + "/npm-deps"));
            for (var path : paths(each)) {
                Files.copy(Path.of(scratch.resolve("store") + path), folder.resolve(path.substring(11)));
            }
            var giant = nix.run(
                            "nix",
                            "store",
                            "add",
                            "--store",
                            scratch.resolve("builder").toString(),
                            folder.toString())
                    .succeeded()
                    .out()
                    .strip();
            nix.run(
                            "nix",
                            "copy",
                            "--option",
                            "netrc-file",
                            shared.netrc.toString(),
                            "--from",
                            scratch.resolve("builder").toString(),
                            "--to",
                            server.uri("/" + CACHE) + "?compression=zstd",
                            giant)
                    .succeeded();
            watched.forget();
            nix.run(
                            "nix-store",
                            "--store",
                            store.toString(),
                            "--option",
                            "substituters",
                            watched.uri("/" + CACHE).toString(),
                            "--option",
                            "require-sigs",
                            "false",
                            "--realise",
                            giant)
                    .succeeded();
        }
        return moved();
    }

    /** Without a cache, the same paths come from the URLs in the expression. */
    private void fetchedWithoutTheCache(ProgramRunner nix, JsonNode answer) throws IOException {
        var key = "node_modules/" + name(10);
        var wanted = StreamSupport.stream(answer.path("entries").spliterator(), false)
                .filter(entry -> entry.path("key").asText().equals(key))
                .findFirst()
                .orElseThrow();
        var fetched = build(
                        nix,
                        scratch.resolve("fetched"),
                        "",
                        "-E",
                        "(import " + expression(answer, "third.nix") + ").files.\"" + key + "\"")
                .succeeded();
        assertEquals(wanted.path("path").asText(), fetched.out().strip());
        assertTrue(fetched.err().contains("building '"), fetched.err());
    }
}
