package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.download.DownloadCounter;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.Compression;
import dev.narthex.nix.NixHash;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.spi.Cache;
import dev.narthex.store.support.RecordingBackend;
import dev.narthex.store.upkeep.StoreSweeper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two domains with the same bytes. A tenant cannot find out from responses, headers, statements or store calls what the other
 * one has, and does not depend on the other one keeping it.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DedupDomainsTest extends DedupDomainsSetup {

    /** Differences, all reported at the end. */
    private final List<String> differing = new ArrayList<>();

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

    /** Everything that a caller can observe, and its cost, with placeholders for names. */
    private record Answer(int status, List<String> headers, String body, List<String> statements, List<String> calls) {
        /** Ignores the validators of pages, which depend on changes of the whole instance. */
        Answer lasting() {
            var less = headers.stream()
                    .map(header -> header.replaceAll("(?i)^(etag)=W/.*", "$1"))
                    .toList();
            return new Answer(status, less, body, statements, calls);
        }

        /** Ignores what each domain creates for itself: keys, encodings, and validators derived from them. */
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
        var calls = new RecordingBackend.RecordedCalls[1];
        var statements =
                RecordingDriver.ofRequests(() -> calls[0] = RecordingBackend.ofRequests(() -> answer[0] = call.get()));
        Function<String, String> neutral =
                text -> thing.neutral(text.replace(tenant.cache().name(), "CACHE"));
        // names of equal length may compress to different lengths
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
        // concurrent requests while a file is stored: their order varies; the change log is read between requests too
        return new Heard(
                new Answer(
                        answer[0].statusCode(),
                        lasting,
                        text,
                        statements.stream()
                                .filter(statement -> !statement.contains("from change c"))
                                .sorted()
                                .toList(),
                        calls[0].names().stream().sorted().toList()),
                calls[0].written());
    }

    /** Packs of one NAR differ in the names that they contain. */
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

    /** Returns when nothing is pending in memory any more. */
    private Answer settled(Tenant tenant, Thing thing, String token, Function<RequestSpecification, Response> asked) {
        asked.apply(ProtocolAccessTest.with(token));
        // downloads of this test are counted and shown on pages
        downloads.write();
        people.run("delete from download_day");
        return heard(tenant, thing, () -> asked.apply(ProtocolAccessTest.with(token)))
                .answer();
    }

    private List<Answer> all(Tenant tenant, Thing thing, String encoding, String token) {
        return reads(tenant.cache().name(), thing, encoding).values().stream()
                .map(asked -> settled(tenant, thing, token, asked))
                .toList();
    }

    /** Repeats requests whose results differ, because the statements of background work may be recorded with them. */
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
            var ofHeld = reads(asks.cache().name(), held, encoding);
            var ofNobodys = reads(asks.cache().name(), nobodys, encoding);
            var names = List.copyOf(ofHeld.keySet());
            for (int i = 0; i < names.size(); i++) {
                var one = List.copyOf(ofNobodys.values()).get(i);
                var other = List.copyOf(ofHeld.values()).get(i);
                // strangers learn nothing, regardless of the size
                for (var token : size == LARGE ? List.of(asks.owner(), asks.stranger()) : List.of(asks.owner())) {
                    ways++;
                    compare(
                            names.get(i),
                            () -> settled(asks, nobodys, token, one),
                            () -> settled(asks, held, token, other));
                }
            }
            for (var way : List.of("nix", "attic", "npm")) {
                // these requests create what a cache creates once, such as a key
                written(asks, way, Thing.make(size));
                ways += pushedAlike(has, asks, way, size);
            }
        }
        assertEquals("", String.join("\n\n", differing));
        System.out.println("two domains: " + ways + " ways to ask, equal");
    }

    private Answer itself(Tenant tenant, Thing thing, String encoding) {
        var address = "/" + tenant.cache().name() + "/nar/" + thing.narHash().nix32() + "-" + encoding + ".nar.zst";
        var answer = settled(tenant, thing, tenant.owner(), with -> with.get(address));
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
        for (var asked : writes(asks.cache().name(), way, thing).values()) {
            var heard = heard(
                    asks,
                    thing,
                    () -> asked.apply(ProtocolAccessTest.with(asks.owner()).contentType("application/octet-stream")));
            assertTrue(Set.of(200, 201).contains(heard.answer().status()), heard.toString());
            written += heard.written();
            answers.add(heard.answer());
        }
        if (thing.nar().length > LARGE / 2) {
            assertTrue(written > thing.tarball().length * 9L / 10, "it keeps bytes of its own: " + written);
        }
        return answers;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deletionInOneDomainDoesNotAffectTheOther(boolean theFirstGoes) {
        var first = tenant();
        var second = tenant();
        var things = List.of(Thing.make(LARGE), Thing.make(SMALL));
        for (var tenant : List.of(first, second)) {
            for (var thing : things) {
                shelve(tenant, thing);
                // the first index that lists a file promises it
                var index = "/registry/" + tenant.cache().name() + "/npm/" + thing.name();
                assertEquals(
                        200, ProtocolAccessTest.with(tenant.owner()).get(index).statusCode());
            }
        }
        IndexWaiter.await(index, changes);
        for (var thing : theFirstGoes ? things : List.<Thing>of()) {
            var ofFirst = reads(first.cache().name(), thing, encoding(first, thing));
            var ofSecond = reads(second.cache().name(), thing, encoding(second, thing));
            var names = List.copyOf(ofFirst.keySet());
            for (int i = 0; i < names.size(); i++) {
                var one = List.copyOf(ofFirst.values()).get(i);
                var other = List.copyOf(ofSecond.values()).get(i);
                compare(
                        names.get(i),
                        () -> settled(first, thing, first.owner(), one).alike(),
                        () -> settled(second, thing, second.owner(), other).alike());
            }
        }
        var goes = theFirstGoes ? first : second;
        var stays = theFirstGoes ? second : first;
        var before = things.stream()
                .map(thing -> all(stays, thing, encoding(stays, thing), stays.owner()))
                .toList();
        remove(goes.cache());
        for (int i = 0; i < things.size(); i++) {
            var thing = things.get(i);
            var asked = reads(stays.cache().name(), thing, encoding(stays, thing));
            var names = List.copyOf(asked.keySet());
            for (int j = 0; j < names.size(); j++) {
                var was = before.get(i).get(j);
                var now = List.copyOf(asked.values()).get(j);
                compare(
                        names.get(j),
                        was::lasting,
                        () -> settled(stays, thing, stays.owner(), now).lasting());
            }
            itself(stays, thing, encoding(stays, thing));
        }
        assertEquals("", String.join("\n\n", differing));
    }

    /** Removes the cache completely, as happens weeks after its owner deletes it. */
    private void remove(Cache cache) {
        people.run("""
                update cache set deleted_at = now() - interval '8 days', removing_at = now() where id = %1$d;
                delete from nar_upload where cache_id = %1$d""".formatted(cache.id()));
        while (QuarkusTransaction.requiringNew().call(() -> deletion.removeSome(cache.id()))) {
            // one part per call
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
