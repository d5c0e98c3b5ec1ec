package dev.narthex.access;

import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Tenants with equal or different packages, and the requests that they send. */
abstract class DedupDomainsSetup {
    static final int TRIES = 3;
    /** Larger than what is stored in a row, so it is stored in a pack. */
    static final int LARGE = 200_000;

    static final int SMALL = 200;

    static int number;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    /** An npm package as a store path. Names and bytes depend on the number; their lengths do not. */
    record Thing(String name, byte[] tarball, StorePath path, byte[] nar) {
        static Thing make(int size) {
            var random = new Random(++number);
            var name = letters(random, 10);
            var packageJson = """
                    {"name":"%s","version":"1.0.0","description":"A part of a boat","bin":{"oar":"index.js"},
                    "dependencies":{"mast":"^1.0.0"},"scripts":{"test":"node test.js"}}""".formatted(name);
            var tarball = ArchiveFixture.tgz(
                    Map.of("package/package.json", packageJson, "package/index.js", letters(random, size)));
            return new Thing(name, tarball, PortalFixture.path(name + "-1.0.0.tgz"), nar(tarball));
        }

        private static String letters(Random random, int count) {
            return random.ints(count, 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }

        private static byte[] nar(byte[] file) {
            var out = new ByteArrayOutputStream();
            try (var nar = new NarWriter(out)) {
                nar.start();
                PortalFixture.file(file).write(nar);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return out.toByteArray();
        }

        NixHash narHash() {
            return NixHash.sha256(nar);
        }

        /** Replaces everything that identifies a domain by a placeholder. */
        String neutral(String text) {
            return text.replace(path.hash(), "HASH")
                    .replace(narHash().nix32(), "NARHASH")
                    .replace(narHash().hex(), "NARHEX")
                    .replace(NixHash.sha256(tarball).hex(), "FILEHEX")
                    .replace(name, "NAME");
        }
    }

    record Tenant(Cache cache, String owner, String stranger) {}

    Tenant tenant() {
        var cache = people.cache("qtwo-%04d".formatted(++number), false);
        var owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        return new Tenant(cache, people.token(owner), people.token(people.person(false)));
    }

    void shelve(Tenant tenant, Thing thing) {
        new PortalFixture(tenant.cache.name(), recognition)
                .put(thing.path, PortalFixture.file(thing.tarball), Optional.empty());
    }

    /** @param encoding as in the URL of the NAR */
    static Map<String, Function<RequestSpecification, Response>> reads(String cache, Thing thing, String encoding) {
        var asked = new LinkedHashMap<String, Function<RequestSpecification, Response>>();
        var hash = thing.path.hash();
        var file = thing.narHash().nix32() + "-" + encoding;
        var fileHex = NixHash.sha256(thing.tarball).hex();
        for (var page : List.of(
                "/" + cache,
                "/" + cache + "/path/" + hash,
                "/" + cache + "/path/" + hash + "/closure",
                "/" + cache + "/path/" + hash + "/referrers",
                "/" + cache + "/path/" + hash + "/files",
                "/" + cache + "/npm",
                "/" + cache + "/npm/" + thing.name,
                "/" + cache + "/npm/" + thing.name + "@1.0.0/files",
                "/search?q=" + thing.name,
                "/search?q=" + hash,
                "/search?q=" + thing.path)) {
            asked.put("page " + page, with -> with.accept("text/html").get(page));
        }
        for (var twin : List.of(
                "/api/" + cache + "/path/" + hash,
                "/api/" + cache + "/npm/" + thing.name,
                "/api/" + cache + "/npm/" + thing.name + "@1.0.0/files",
                "/api/search?q=" + thing.name,
                "/api/search?q=" + hash,
                "/suggest?q=" + thing.name,
                "/registry/" + cache + "/npm/" + thing.name,
                "/registry/" + cache + "/npm/-/v1/search?text=" + thing.name,
                "/registry/" + cache + "/pypi/simple/" + thing.name + "/",
                "/registry/" + cache + "/pypi/files/" + thing.name + "/" + fileHex + "/" + thing.name + "-1.0.0.tgz",
                "/" + cache + "/" + hash + ".narinfo",
                "/" + cache + "/" + hash + ".ls",
                "/" + cache + "/log/" + hash + "-" + thing.name + ".drv",
                "/" + cache + "/realisations/sha256:" + thing.narHash().hex() + "!out.doi",
                "/" + cache + "/nar/" + file + ".nar.zst",
                "/" + cache + "/nar/" + file + ".nar",
                "/" + cache + "/nar/" + hash + ".nar",
                "/registry/" + cache + "/npm/" + thing.name + "/-/" + thing.name + "-1.0.0.tgz")) {
            asked.put("GET " + twin, with -> with.get(twin));
        }
        for (var head : List.of("/" + cache + "/" + hash + ".narinfo", "/" + cache + "/nar/" + file + ".nar.zst")) {
            asked.put("HEAD " + head, with -> with.head(head));
        }
        asked.put("range", with -> with.header("Range", "bytes=100-199").get("/" + cache + "/nar/" + file + ".nar"));
        asked.put(
                "if none match",
                with -> with.header("If-None-Match", "\"" + thing.narHash().nix32() + "\"")
                        .get("/" + cache + "/nar/" + file + ".nar"));
        asked.put(
                "get-missing-paths",
                with -> with.body("{\"cache\":\"" + cache + "\",\"store_path_hashes\":[\"" + hash + "\"]}")
                        .post("/_api/v1/get-missing-paths"));
        asked.put(
                "narinfo first",
                with -> with.body(narinfo(thing).getBytes(StandardCharsets.UTF_8))
                        .put("/" + cache + "/" + hash + ".narinfo"));
        return asked;
    }

    /** Requests in this order, each once; afterwards the cache has the package. */
    static Map<String, Function<RequestSpecification, Response>> writes(String cache, String way, Thing thing) {
        var asked = new LinkedHashMap<String, Function<RequestSpecification, Response>>();
        var hash = thing.path.hash();
        switch (way) {
            case "nix" -> {
                asked.put("PUT nar", with -> with.body(thing.nar).put("/" + cache + "/nar/" + hash + ".nar"));
                asked.put(
                        "PUT narinfo",
                        with -> with.body(narinfo(thing).getBytes(StandardCharsets.UTF_8))
                                .put("/" + cache + "/" + hash + ".narinfo"));
            }
            case "attic" ->
                asked.put(
                        "PUT upload-path",
                        with -> with.header("X-Attic-Nar-Info", attic(cache, thing))
                                .body(thing.nar)
                                .put("/_api/v1/upload-path"));
            case String npm ->
                asked.put(
                        "PUT " + npm,
                        with -> with.contentType("application/json")
                                .body(PublishRequestFixture.of(thing.name, "1.0.0", thing.tarball)
                                        .body())
                                .put("/registry/" + cache + "/npm/" + thing.name));
        }
        return asked;
    }

    static String narinfo(Thing thing) {
        return """
                StorePath: %s
                URL: nar/%s.nar
                Compression: none
                NarHash: sha256:%s
                NarSize: %d
                References:\s
                """.formatted(thing.path, thing.path.hash(), thing.narHash().nix32(), thing.nar.length);
    }

    static String attic(String cache, Thing thing) {
        return """
                {"cache":"%s","store_path_hash":"%s","store_path":"%s","nar_hash":"sha256:%s","nar_size":%d}""".formatted(
                        cache, thing.path.hash(), thing.path, thing.narHash().hex(), thing.nar.length);
    }

    static String encoding(Tenant tenant, Thing thing) {
        var text = ProtocolAccessTest.with(tenant.owner)
                .get("/" + tenant.cache.name() + "/" + thing.path.hash() + ".narinfo")
                .asString();
        return text.replaceAll("(?s).*URL: nar/[0-9a-z]{52}-([0-9a-f]{8})\\..*", "$1");
    }
}
