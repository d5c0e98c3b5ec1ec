package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.download.DownloadCounter;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.spi.Cache;
import dev.narthex.store.support.RecordingBackend;
import dev.narthex.store.upkeep.StoreSweeper;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two domains with the same bytes. What one has cannot be told from the answers, the headers, the statements or the calls of
 * the store that the other gets; and neither needs that the other goes on to have it.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DedupDomainsTest {
    private static final int TRIES = 3;
    /** Above what is kept in a row, so it is a pack. */
    private static final int LARGE = 200_000;

    private static final int SMALL = 200;

    private static int number;

    /** All of them are reported at the end. */
    private final List<String> differing = new ArrayList<>();

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    PackageSearchIndex index;

    @Inject
    ChangeLog changes;

    @Inject
    CacheDeletion deletion;

    @Inject
    StoreSweeper sweep;

    @Inject
    DownloadCounter downloads;

    // ── what there is ──

    /** A package of npm as a store path: names and bytes follow from the number, their lengths do not. */
    private record Thing(String name, byte[] tarball, StorePath path, byte[] nar) {
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

        /** Replaces everything that identifies a domain by the same word. */
        String neutral(String text) {
            return text.replace(path.hash(), "HASH")
                    .replace(narHash().nix32(), "NARHASH")
                    .replace(narHash().hex(), "NARHEX")
                    .replace(NixHash.sha256(tarball).hex(), "FILEHEX")
                    .replace(name, "NAME");
        }
    }

    private record Tenant(Cache cache, String owner, String stranger) {}

    private Tenant tenant() {
        var cache = people.cache("qtwo-%04d".formatted(++number), false);
        var owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        return new Tenant(cache, people.token(owner), people.token(people.person(false)));
    }

    private void shelve(Tenant tenant, Thing thing) {
        new PortalFixture(tenant.cache.name(), recognition)
                .put(thing.path, PortalFixture.file(thing.tarball), Optional.empty());
    }

    // ── what is asked ──

    /** @param encoding as it stands in the address of the NAR */
    private static Map<String, Function<RequestSpecification, Response>> reads(
            String cache, Thing thing, String encoding) {
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

    /** In this order, each once: afterwards the cache has it. */
    private static Map<String, Function<RequestSpecification, Response>> writes(String cache, String way, Thing thing) {
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

    private static String narinfo(Thing thing) {
        return """
                StorePath: %s
                URL: nar/%s.nar
                Compression: none
                NarHash: sha256:%s
                NarSize: %d
                References:\s
                """.formatted(thing.path, thing.path.hash(), thing.narHash().nix32(), thing.nar.length);
    }

    private static String attic(String cache, Thing thing) {
        return """
                {"cache":"%s","store_path_hash":"%s","store_path":"%s","nar_hash":"sha256:%s","nar_size":%d}""".formatted(
                        cache, thing.path.hash(), thing.path, thing.narHash().hex(), thing.nar.length);
    }

    // ── what is answered ──

    /** All that a caller can see, and what it cost, with one name in place of each. */
    private record Answer(int status, List<String> headers, String body, List<String> statements, List<String> calls) {
        /** Without the validators of pages, which follow from the changes of the whole instance. */
        Answer lasting() {
            var less = headers.stream()
                    .map(header -> header.replaceAll("(?i)^(etag)=W/.*", "$1"))
                    .toList();
            return new Answer(status, less, body, statements, calls);
        }

        /** Without what each domain makes for itself: keys, encodings, and the validators that follow from them. */
        Answer alike() {
            var less = headers.stream()
                    .filter(header -> !header.startsWith("Content-Length="))
                    .map(header -> header.replaceAll("(?i)^(etag)=.*", "$1"))
                    .toList();
            var text = body.replace("<wbr>", "")
                    .replaceAll("\"_rev\":\"[^\"]*\"", "_rev")
                    .replaceAll("NARHASH-[0-9a-f]{8}", "NARHASH-ENCODING")
                    .replaceAll("FileHash: .*", "FileHash")
                    .replaceAll("(CACHE:)[0-9A-Za-z+/]{43,86}={1,2}", "$1KEY")
                    .replaceAll("\"(sig|keyid)\":\"[^\"]*\"", "$1")
                    .replaceAll("SHA256:[0-9A-Za-z+/]{43}", "SHA256:KEY");
            return new Answer(status, less, text, statements, calls);
        }
    }

    private record Heard(Answer answer, long written) {}

    private static Heard heard(Tenant tenant, Thing thing, Supplier<Response> call) {
        var answer = new Response[1];
        var calls = new RecordingBackend.Heard[1];
        var statements =
                RecordingDriver.ofRequests(() -> calls[0] = RecordingBackend.ofRequests(() -> answer[0] = call.get()));
        Function<String, String> neutral = text -> thing.neutral(text.replace(tenant.cache.name(), "CACHE"));
        // names of one length may be packed to different lengths
        boolean packed = answer[0].header("Content-Encoding") != null;
        var headers = answer[0].headers().asList().stream()
                .filter(header -> !header.getName().equalsIgnoreCase("Date")
                        && !header.getName().equalsIgnoreCase("X-Request-Id")
                        && !(packed && header.getName().equalsIgnoreCase("Content-Length")))
                .map(header -> neutral.apply(header.toString()))
                .sorted()
                .toList();
        var type = Optional.ofNullable(answer[0].contentType()).orElse("");
        var body = type.matches("(text/|application/.*json).*")
                ? neutral.apply(answer[0].asString())
                : type + " " + plain(type, answer[0].asByteArray());
        var text = timeless(body);
        var lasting = text.contains("TIME")
                ? headers.stream()
                        .filter(header -> !header.matches("(?i)etag=\"[^W].*"))
                        .toList()
                : headers;
        // a file is stored while it is judged: which of the two asks first is not the same twice
        return new Heard(
                new Answer(
                        answer[0].statusCode(),
                        lasting,
                        text,
                        statements.stream().sorted().toList(),
                        calls[0].names().stream().sorted().toList()),
                calls[0].written());
    }

    /** Packs of one NAR differ in the names that are in them. */
    private static String plain(String type, byte[] body) {
        if (!type.equals("application/zstd") || body.length == 0) {
            return NixHash.sha256(body).hex();
        }
        try (var nar = Compression.decompress(new ByteArrayInputStream(body))) {
            return NixHash.sha256(nar.readAllBytes()).hex();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String timeless(String text) {
        return text.replaceAll("(?s)<time.*?</time>", "TIME").replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "TIME");
    }

    /** After what memory keeps is kept. */
    private Answer settled(Tenant tenant, Thing thing, String token, Function<RequestSpecification, Response> asked) {
        asked.apply(ProtocolAccessTest.with(token));
        // what is asked here is counted as downloads, and pages tell how many there were
        downloads.write();
        people.run("delete from download_day");
        return heard(tenant, thing, () -> asked.apply(ProtocolAccessTest.with(token)))
                .answer();
    }

    private List<Answer> all(Tenant tenant, Thing thing, String encoding, String token) {
        return reads(tenant.cache.name(), thing, encoding).values().stream()
                .map(asked -> settled(tenant, thing, token, asked))
                .toList();
    }

    /** Asked again if they differ: what runs on its own now and then is heard as if a request did it. */
    private void compare(String what, Supplier<Answer> one, Supplier<Answer> other) {
        int left = TRIES;
        Answer first;
        Answer second;
        do {
            first = one.get();
            second = other.get();
        } while (!first.equals(second) && --left > 0);
        if (!first.equals(second)) {
            differing.add(what + "\n" + first + "\n" + second);
        }
    }

    private static String encoding(Tenant tenant, Thing thing) {
        var text = ProtocolAccessTest.with(tenant.owner)
                .get("/" + tenant.cache.name() + "/" + thing.path.hash() + ".narinfo")
                .asString();
        return text.replaceAll("(?s).*URL: nar/[0-9a-z]{52}-([0-9a-f]{8})\\..*", "$1");
    }

    // ── before the other has it ──

    @Test
    void bytesOfOtherDomainsAreRequestedAsIfUnknown() {
        var has = tenant();
        var asks = tenant();
        int ways = 0;
        for (int size : List.of(LARGE, SMALL)) {
            var held = Thing.make(size);
            var nobodys = Thing.make(size);
            shelve(has, held);
            IndexWaiter.await(index, changes);
            var encoding = encoding(has, held);
            assertEquals(size == LARGE, itself(has, held, encoding).calls().contains("size"));
            var ofHeld = reads(asks.cache.name(), held, encoding);
            var ofNobodys = reads(asks.cache.name(), nobodys, encoding);
            var names = List.copyOf(ofHeld.keySet());
            for (int i = 0; i < names.size(); i++) {
                var one = List.copyOf(ofNobodys.values()).get(i);
                var other = List.copyOf(ofHeld.values()).get(i);
                // strangers are told nothing whatever the size
                for (var token : size == LARGE ? List.of(asks.owner, asks.stranger) : List.of(asks.owner)) {
                    ways++;
                    compare(
                            names.get(i),
                            () -> settled(asks, nobodys, token, one),
                            () -> settled(asks, held, token, other));
                }
            }
            for (var way : List.of("nix", "attic", "npm")) {
                // what a cache makes once, such as a key, it makes for these
                written(asks, way, Thing.make(size));
                ways += pushedAlike(has, asks, way, size);
            }
        }
        assertEquals("", String.join("\n\n", differing));
        System.out.println("two domains: " + ways + " ways to ask, equal");
    }

    private Answer itself(Tenant tenant, Thing thing, String encoding) {
        var address = "/" + tenant.cache.name() + "/nar/" + thing.narHash().nix32() + "-" + encoding + ".nar.zst";
        var answer = settled(tenant, thing, tenant.owner, with -> with.get(address));
        assertEquals(200, answer.status(), "else a test that it is not seen would say nothing");
        return answer;
    }

    private int pushedAlike(Tenant has, Tenant asks, String way, int size) {
        List<Answer> ofNobodys;
        List<Answer> ofHeld;
        int left = TRIES;
        do {
            var held = Thing.make(size);
            shelve(has, held);
            ofNobodys = written(asks, way, Thing.make(size));
            ofHeld = written(asks, way, held);
        } while (!ofNobodys.equals(ofHeld) && --left > 0);
        if (!ofNobodys.equals(ofHeld)) {
            differing.add(way + "\n" + ofNobodys + "\n" + ofHeld);
        }
        return ofHeld.size();
    }

    private static List<Answer> written(Tenant asks, String way, Thing thing) {
        var answers = new ArrayList<Answer>();
        long written = 0;
        for (var asked : writes(asks.cache.name(), way, thing).values()) {
            var heard = heard(
                    asks,
                    thing,
                    () -> asked.apply(ProtocolAccessTest.with(asks.owner).contentType("application/octet-stream")));
            assertTrue(Set.of(200, 201).contains(heard.answer().status()), heard.toString());
            written += heard.written();
            answers.add(heard.answer());
        }
        if (thing.nar.length > LARGE / 2) {
            assertTrue(written > thing.tarball.length * 9L / 10, "it keeps bytes of its own: " + written);
        }
        return answers;
    }

    // ── when both have it ──

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachStaysAsItIsWhenTheOtherGoes(boolean theFirstGoes) {
        var first = tenant();
        var second = tenant();
        var things = List.of(Thing.make(LARGE), Thing.make(SMALL));
        for (var tenant : List.of(first, second)) {
            for (var thing : things) {
                shelve(tenant, thing);
                // the first index that names a file promises it
                var index = "/registry/" + tenant.cache.name() + "/npm/" + thing.name;
                assertEquals(
                        200, ProtocolAccessTest.with(tenant.owner).get(index).statusCode());
            }
        }
        IndexWaiter.await(index, changes);
        for (var thing : theFirstGoes ? things : List.<Thing>of()) {
            var ofFirst = reads(first.cache.name(), thing, encoding(first, thing));
            var ofSecond = reads(second.cache.name(), thing, encoding(second, thing));
            var names = List.copyOf(ofFirst.keySet());
            for (int i = 0; i < names.size(); i++) {
                var one = List.copyOf(ofFirst.values()).get(i);
                var other = List.copyOf(ofSecond.values()).get(i);
                compare(
                        names.get(i),
                        () -> settled(first, thing, first.owner, one).alike(),
                        () -> settled(second, thing, second.owner, other).alike());
            }
        }
        var goes = theFirstGoes ? first : second;
        var stays = theFirstGoes ? second : first;
        var before = things.stream()
                .map(thing -> all(stays, thing, encoding(stays, thing), stays.owner))
                .toList();
        remove(goes.cache);
        for (int i = 0; i < things.size(); i++) {
            var thing = things.get(i);
            var asked = reads(stays.cache.name(), thing, encoding(stays, thing));
            var names = List.copyOf(asked.keySet());
            for (int j = 0; j < names.size(); j++) {
                var was = before.get(i).get(j);
                var now = List.copyOf(asked.values()).get(j);
                compare(
                        names.get(j),
                        was::lasting,
                        () -> settled(stays, thing, stays.owner, now).lasting());
            }
            itself(stays, thing, encoding(stays, thing));
        }
        assertEquals("", String.join("\n\n", differing));
    }

    /** To the last byte, as it would in the weeks after its owner deletes it. */
    private void remove(Cache cache) {
        people.run("""
                update cache set deleted_at = now() - interval '8 days', removing_at = now() where id = %1$d;
                delete from nar_upload where cache_id = %1$d""".formatted(cache.id()));
        while (QuarkusTransaction.requiringNew().call(() -> deletion.removeSome(cache.id()))) {
            // a part each time
        }
        var domain = cache.domainId();
        assertEquals(1, packs(domain));
        people.run("update nar set created_at = created_at - interval '2 hours' where domain_id = " + domain);
        sweep.deleteNars();
        sweep.condemnPacks();
        people.run("update pack set next_try = now() where state = 'C' and domain_id = " + domain);
        people.run("delete from snapshot");
        sweep.deletePacks();
        assertEquals(0, packs(domain));
    }

    private long packs(long domain) {
        return people.number("select count(*) from pack where domain_id = " + domain);
    }
}
