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
        createCache("behind-tokens", false);
        long slowestMillis = 0;
        for (int i = 0; i < 6; i++) {
            var creator = replicas.at(i % replicas.count());
            var response = send(
                    creator.authorized("/_api/v1/tokens")
                            .POST(BodyPublishers.ofString(
                                    "{\"label\":\"test\",\"caches\":[\"behind-*\"],\"actions\":[\"read\"]}")),
                    creator);
            assertEquals(201, response.statusCode(), response.body());
            var json = new ObjectMapper().readTree(response.body());
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
            long changeTime = System.nanoTime();
            for (var server : replicas.all()) {
                slowestMillis = Math.max(
                        slowestMillis,
                        awaitChange(
                                "the token is revoked",
                                MAX_DELAY,
                                changeTime,
                                () -> get(server, "/behind-tokens/nix-cache-info", "Authorization", bearer)
                                                .statusCode()
                                        == 401));
            }
        }
        System.out.printf(delayReport("a revoked token", slowestMillis));
    }

    @Test
    void privateCacheIsPrivateOnAllServers() throws Exception {
        createCache("harbour", true);
        push(replicas.at(0), "harbour", TARBALL);
        var path = SmallNar.path("buoy-1.0");
        new NixPushClient(replicas.at(0), "harbour").publish(SmallNar.of(Map.of("red", "yes")), path);
        var narinfo = "/harbour/" + SmallNar.hashPart(path) + ".narinfo";
        var packument = "/registry/harbour/npm/ms";
        Poll.until(
                "npm serves the package", () -> get(replicas.at(0), packument).statusCode() == 200);
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
        long slowestMillis = 0;
        try (var readers = new Readers(addresses)) {
            for (int i = 0; i < 6; i++) {
                boolean isPublic = i % 2 == 1;
                setPublic(replicas.at(i % replicas.count()), isPublic);
                long changeTime = System.nanoTime();
                for (var server : replicas.all()) {
                    for (var address : addresses) {
                        slowestMillis = Math.max(
                                slowestMillis,
                                awaitChange(
                                        address + " is " + (isPublic ? "public" : "private"),
                                        MAX_DELAY,
                                        changeTime,
                                        () -> isPublic
                                                ? get(server, address).statusCode() == 200
                                                : looksAbsent(server, address)));
                    }
                }
            }
            assertFalse(readers.stopped.get());
        }
        System.out.printf(delayReport("a private cache", slowestMillis));
    }

    /** Responses are cached before a secret is purged and a signing key is added. */
    @Test
    void purgesAndNewKeysApplyOnAllServers() throws Exception {
        createCache("rotated", true);
        var publicPath = SmallNar.path("stays-1.0");
        var secretPath = SmallNar.path("leaks-1.0");
        var pusher = new NixPushClient(replicas.at(0), "rotated");
        pusher.publish(SmallNar.of(Map.of("public", "yes")), publicPath);
        pusher.publish(SmallNar.of(Map.of("secret", "hunter2")), secretPath);
        var secretHash = SmallNar.hashPart(secretPath);
        var publicNarinfo = "/rotated/" + SmallNar.hashPart(publicPath) + ".narinfo";
        var secretNarinfo = "/rotated/" + secretHash + ".narinfo";
        var nar = "/rotated/"
                + NarInfo.parse(get(replicas.at(0), secretNarinfo).body()).url();
        var file = "/rotated/path/" + secretHash + "/files/secret";
        var addresses = List.of(secretNarinfo, nar, "/rotated/" + secretHash + ".ls", file, "/api" + file);
        try (var readers = new Readers(List.of(publicNarinfo, secretNarinfo, file))) {
            assertEquals(1, signatures(replicas.at(2), publicNarinfo));
            assertTrue(get(replicas.at(2), file).body().contains("hunter2"));
            var keys = replicas.at(1).authorized("/_api/v1/caches/rotated/keys").POST(BodyPublishers.noBody());
            assertEquals(201, send(keys, replicas.at(1)).statusCode());
            long changeTime = System.nanoTime();
            for (var server : replicas.all()) {
                awaitChange(
                        "signed with both keys", MAX_DELAY, changeTime, () -> signatures(server, publicNarinfo) == 2);
            }
            var purge = replicas.at(1)
                    .authorized("/_api/v1/rotated/path/" + secretHash + "?with=releases")
                    .DELETE();
            var purged = send(purge, replicas.at(1));
            assertEquals(200, purged.statusCode(), purged.body());
            long purgeTime = System.nanoTime();
            for (var server : replicas.all()) {
                for (var address : addresses) {
                    awaitChange(
                            address + " is gone",
                            MAX_DELAY,
                            purgeTime,
                            () -> get(server, address).statusCode() == 404);
                }
            }
            assertFalse(readers.stopped.get());
        }
    }

    private static long signatures(Server server, String narinfo) throws Exception {
        return get(server, narinfo)
                .body()
                .lines()
                .filter(line -> line.startsWith("Sig: "))
                .count();
    }

    /** A cache name of the same length that never existed gives the same response. */
    private static boolean looksAbsent(Server server, String address) throws Exception {
        var closed = get(server, address);
        var absent = get(server, address.replace("harbour", "harbors"));
        return closed.statusCode() == absent.statusCode()
                && closed.body().equals(absent.body().replace("harbors", "harbour"))
                && comparableHeaders(closed).equals(comparableHeaders(absent));
    }

    private static Map<String, List<String>> comparableHeaders(HttpResponse<?> response) {
        var headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        response.headers().map().forEach((name, values) -> headers.put(name, values));
        headers.remove("x-request-id");
        headers.remove("date");
        var comparableHeaders = new TreeMap<String, List<String>>();
        headers.forEach((name, values) ->
                comparableHeaders.put(name, List.of(values.toString().replace("harbors", "harbour"))));
        return comparableHeaders;
    }

    @Test
    void signInThroughOneServerAppliesToAll() throws Exception {
        provider.next = ANNA;
        // each step of sign-in and of a form uses another server
        var visitor = new ScriptlessBrowser(replicas.front());
        var page = visitor.signIn();
        assertEquals(200, page.statusCode(), page.body());
        for (var server : replicas.all()) {
            var accountPage = visitor.get(server.uri("/me"));
            assertEquals(200, accountPage.statusCode(), accountPage.body());
            assertTrue(accountPage.body().contains("anna"), accountPage.body());
        }
        for (int i = 0; i < replicas.count(); i++) {
            var form = Map.of("make", "token", "label", "laptop-" + i, "cache", "main", "may", "push", "days", "30");
            var filled = new TreeMap<>(form);
            filled.put("key", visitor.key("/me/tokens"));
            var response = visitor.post("/me/tokens", filled);
            assertTrue(response.body().contains("nrx_"), response.body());
        }
    }
}
