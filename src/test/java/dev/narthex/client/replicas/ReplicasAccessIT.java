package dev.narthex.client.replicas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SmallNar;
import dev.narthex.nix.NarInfo;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tokens, privacy, keys and sign-in apply on all servers. */
@Tag("long")
class ReplicasAccessIT extends ReplicasSetup {
    private static final Map<String, Object> ANNA = Map.of("sub", "anna-1", "preferred_username", "anna");

    @Test
    void revokedTokenIsInvalidOnAllServers() throws Exception {
        cache("behind-tokens", false);
        long slowest = 0;
        for (int i = 0; i < 6; i++) {
            var maker = replicas.at(i % replicas.count());
            var made = send(
                    maker.authorized("/_api/v1/tokens")
                            .POST(BodyPublishers.ofString(
                                    "{\"label\":\"test\",\"caches\":[\"behind-*\"],\"actions\":[\"read\"]}")),
                    maker);
            assertEquals(201, made.statusCode(), made.body());
            var json = new ObjectMapper().readTree(made.body());
            var bearer = "Bearer " + json.path("token").asText();
            for (var server : replicas.all()) {
                assertEquals(
                        200,
                        get(server, "/behind-tokens/nix-cache-info", "Authorization", bearer)
                                .statusCode());
            }
            var other = replicas.at((i + 1) % replicas.count());
            var revoked = send(
                    other.authorized("/_api/v1/tokens/"
                                    + json.path("is").path("id").asText())
                            .DELETE(),
                    other);
            assertEquals(204, revoked.statusCode(), revoked.body());
            long since = System.nanoTime();
            for (var server : replicas.all()) {
                slowest = Math.max(
                        slowest,
                        soon(
                                "revoked",
                                SOON,
                                since,
                                () -> get(server, "/behind-tokens/nix-cache-info", "Authorization", bearer)
                                                .statusCode()
                                        == 401));
            }
        }
        System.out.printf(told("a revoked token", slowest));
    }

    @Test
    void privateCacheIsPrivateOnAllServers() throws Exception {
        cache("harbour", true);
        push(replicas.at(0), "harbour", TARBALL);
        var made = SmallNar.path("buoy-1.0");
        new NixPushClient(replicas.at(0), "harbour").publish(SmallNar.of(Map.of("red", "yes")), made);
        var narinfo = "/harbour/" + SmallNar.hashPart(made) + ".narinfo";
        var packument = "/registry/harbour/npm/ms";
        Poll.until("npm has it", () -> get(replicas.at(0), packument).statusCode() == 200);
        var nar =
                "/harbour/" + NarInfo.parse(get(replicas.at(0), narinfo).body()).url();
        var addresses = List.of(
                narinfo,
                nar,
                packument,
                "/registry/harbour/pypi/simple/",
                "/harbour/nix-cache-info",
                "/harbour",
                "/api/harbour",
                "/harbour/nix/buoy",
                "/api/harbour/npm/ms");
        long slowest = 0;
        try (var readers = new Readers(addresses)) {
            for (int i = 0; i < 6; i++) {
                boolean open = i % 2 == 1;
                open(replicas.at(i % replicas.count()), open);
                long since = System.nanoTime();
                for (var server : replicas.all()) {
                    for (var address : addresses) {
                        slowest = Math.max(
                                slowest,
                                soon(
                                        address + " is " + (open ? "open" : "closed"),
                                        SOON,
                                        since,
                                        () -> open
                                                ? get(server, address).statusCode() == 200
                                                : likeAbsent(server, address)));
                    }
                }
            }
            assertFalse(readers.over.get());
        }
        System.out.printf(told("a closed cache", slowest));
    }

    /** With readers who have it from memory: a leaked secret, and a key that is to be trusted from now on. */
    @Test
    void purgesAndNewKeysApplyOnAllServers() throws Exception {
        cache("rotated", true);
        var stays = SmallNar.path("stays-1.0");
        var leaks = SmallNar.path("leaks-1.0");
        var pusher = new NixPushClient(replicas.at(0), "rotated");
        pusher.publish(SmallNar.of(Map.of("public", "yes")), stays);
        pusher.publish(SmallNar.of(Map.of("secret", "hunter2")), leaks);
        var hash = SmallNar.hashPart(leaks);
        var signed = "/rotated/" + SmallNar.hashPart(stays) + ".narinfo";
        var narinfo = "/rotated/" + hash + ".narinfo";
        var nar =
                "/rotated/" + NarInfo.parse(get(replicas.at(0), narinfo).body()).url();
        var file = "/rotated/path/" + hash + "/files/secret";
        var addresses = List.of(narinfo, nar, "/rotated/" + hash + ".ls", file, "/api" + file);
        try (var readers = new Readers(List.of(signed, narinfo, file))) {
            assertEquals(1, signatures(replicas.at(2), signed));
            assertTrue(get(replicas.at(2), file).body().contains("hunter2"));
            var keys = replicas.at(1).authorized("/_api/v1/caches/rotated/keys").POST(BodyPublishers.noBody());
            assertEquals(201, send(keys, replicas.at(1)).statusCode());
            long since = System.nanoTime();
            for (var server : replicas.all()) {
                soon("signed by both", SOON, since, () -> signatures(server, signed) == 2);
            }
            var purge = replicas.at(1)
                    .authorized("/_api/v1/rotated/path/" + hash + "?with=releases")
                    .DELETE();
            var purged = send(purge, replicas.at(1));
            assertEquals(200, purged.statusCode(), purged.body());
            long gone = System.nanoTime();
            for (var server : replicas.all()) {
                for (var address : addresses) {
                    soon(
                            address + " is gone",
                            SOON,
                            gone,
                            () -> get(server, address).statusCode() == 404);
                }
            }
            assertFalse(readers.over.get());
        }
    }

    private static long signatures(Server server, String narinfo) throws Exception {
        return get(server, narinfo)
                .body()
                .lines()
                .filter(line -> line.startsWith("Sig: "))
                .count();
    }

    /** A cache of a name as long, which there never was, answers the same. */
    private static boolean likeAbsent(Server server, String address) throws Exception {
        var closed = get(server, address);
        var absent = get(server, address.replace("harbour", "harbors"));
        return closed.statusCode() == absent.statusCode()
                && closed.body().equals(absent.body().replace("harbors", "harbour"))
                && alike(closed).equals(alike(absent));
    }

    private static Map<String, List<String>> alike(HttpResponse<?> answer) {
        var headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        answer.headers().map().forEach((name, values) -> headers.put(name, values));
        headers.remove("x-request-id");
        headers.remove("date");
        var alike = new TreeMap<String, List<String>>();
        headers.forEach(
                (name, values) -> alike.put(name, List.of(values.toString().replace("harbors", "harbour"))));
        return alike;
    }

    @Test
    void signInThroughOneServerAppliesToAll() throws Exception {
        provider.next = ANNA;
        // each step of signing in, and of a form, is another server's
        var visitor = new ScriptlessBrowser(replicas.front());
        var page = visitor.signIn();
        assertEquals(200, page.statusCode(), page.body());
        for (var server : replicas.all()) {
            var own = visitor.get(server.uri("/me"));
            assertEquals(200, own.statusCode(), own.body());
            assertTrue(own.body().contains("anna"), own.body());
        }
        for (int i = 0; i < replicas.count(); i++) {
            var form = Map.of("make", "token", "label", "laptop-" + i, "cache", "main", "may", "push", "days", "30");
            var filled = new TreeMap<>(form);
            filled.put("key", visitor.key("/me/tokens"));
            var made = visitor.post("/me/tokens", filled);
            assertTrue(made.body().contains("nrx_"), made.body());
        }
    }
}
