package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.support.RouteCase;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People who are signed in see their own pages and create tokens and caches there. Forged forms change nothing. */
class OwnPagesIT extends SignInSetup {
    @Test
    void anonymousUsersAreRedirectedToSignIn() throws Exception {
        for (var page : List.of("/me", "/me/tokens")) {
            var response = new ScriptlessBrowser(server).get(page);
            assertEquals(303, response.statusCode());
            assertEquals(
                    "/login?to=" + page.replace("/", "%2F"),
                    response.headers().firstValue("Location").orElse(""));
        }
    }

    @Test
    void accountPageListsCachesAndRoles() throws Exception {
        var page = signedIn(ANNA).get("/me");
        assertEquals(200, page.statusCode());
        assertEquals("no-store", page.headers().firstValue("Cache-Control").orElse(""));
        assertTrue(page.body().contains("You are <bdi>anna</bdi>"), page.body());
        assertTrue(page.body().contains("<a href=\"/harbour\">harbour</a> <span class=\"badge\">Publisher</span>"));
        var otto = signedIn(Map.of("sub", "otto-2", "name", "<b>Otto</b>", "groups", List.of("sea")))
                .get("/me");
        assertTrue(otto.body().contains("&lt;b&gt;Otto") && otto.body().contains("<code>sea</code>"), otto.body());
        assertFalse(otto.body().contains("harbour"), otto.body());
    }

    @Test
    void accountJsonNeedsTheSession() throws Exception {
        var visitor = signedIn(ANNA);
        assertTrue(visitor.get("/me").body().contains("<li><a href=\"/api/me\">JSON</a></li>"));
        var me = visitor.json("/api/me");
        assertEquals(200, me.statusCode(), me.body());
        assertEquals("no-store", me.headers().firstValue("Cache-Control").orElse(""));
        var json = new ObjectMapper().readTree(me.body());
        assertEquals("anna", json.path("name").asText());
        assertEquals("publisher", json.path("caches").path(0).path("role").asText());
        var created = visitor.post("/me/tokens", laptopTokenForm(visitor.key("/me/tokens")));
        assertTrue(created.body().contains("nrx_"), created.body());
        var tokens = visitor.json("/api/me/tokens");
        assertEquals(200, tokens.statusCode(), tokens.body());
        assertTrue(tokens.body().contains("\"laptop\""), tokens.body());
        assertFalse(tokens.body().contains("nrx_"), tokens.body());
        for (var twin : List.of("/api/me", "/api/me/tokens")) {
            assertEquals(401, new ScriptlessBrowser(server).json(twin).statusCode());
            var token = ScriptlessBrowser.first("NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})", created.body());
            var request = server.request(twin)
                    .header("Authorization", "Bearer " + token)
                    .build();
            assertEquals(401, server.http.send(request, BodyHandlers.ofString()).statusCode());
        }
    }

    private static Map<String, String> laptopTokenForm(String key) {
        return Map.of("key", key, "make", "token", "label", "laptop", "cache", "harbour", "may", "push", "days", "30");
    }

    @Test
    void tokenFromThePageWorksUntilRevokedThere() throws Exception {
        var visitor = signedIn(ANNA);
        var key = visitor.key("/me/tokens");
        var page = visitor.post("/me/tokens", laptopTokenForm(key));
        assertEquals(200, page.statusCode(), page.body());
        assertEquals("no-store", page.headers().firstValue("Cache-Control").orElse(""));
        var token = ScriptlessBrowser.first("NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})", page.body());
        assertFalse(visitor.get("/me/tokens").body().contains("nrx_"));
        assertEquals(200, nixCacheInfoStatus(token));
        var id = ScriptlessBrowser.first("name=\"revoke\" value=\"(\\d+)\"", page.body());
        assertEquals(
                403,
                signedIn(Map.of("sub", "otto-3"))
                        .post("/me/tokens", Map.of("key", key, "revoke", id))
                        .statusCode());
        var thief = signedIn(Map.of("sub", "otto-3"));
        assertEquals(
                404,
                thief.post("/me/tokens", Map.of("key", thief.key("/me/tokens"), "revoke", id))
                        .statusCode());
        assertEquals(200, nixCacheInfoStatus(token));
        assertEquals(
                303,
                visitor.post("/me/tokens", Map.of("key", key, "revoke", id)).statusCode());
        assertEquals(401, nixCacheInfoStatus(token));
    }

    @Test
    void forgedFormChangesNothing() throws Exception {
        var anna = signedIn(ANNA);
        var key = anna.key("/me/tokens");
        var otto = signedIn(Map.of("sub", "otto-4"));
        assertEquals(403, anna.post("/me/tokens", laptopTokenForm("")).statusCode());
        assertEquals(
                403,
                anna.post("/me/tokens", laptopTokenForm(otto.key("/me/tokens"))).statusCode());
        assertEquals(
                403, anna.post("/me/tokens", laptopTokenForm(signOutKey(anna))).statusCode());
        assertEquals(
                403,
                new ScriptlessBrowser(server)
                        .post("/me/tokens", laptopTokenForm(key))
                        .statusCode());
        for (var site : List.of("cross-site", "same-site")) {
            assertEquals(
                    403,
                    anna.post("/me/tokens", laptopTokenForm(key), "Sec-Fetch-Site", site)
                            .statusCode());
        }
        assertEquals(
                200,
                anna.post("/me/tokens", laptopTokenForm(key), "Sec-Fetch-Site", "same-origin")
                        .statusCode());
    }

    private static final String FORGED_FORM_MESSAGE = "This form has expired or does not belong to your session.";

    /** Sends the form of every page in the route list, as an admin with all permissions. */
    @Test
    void formsFromOtherOriginsAreRefused() throws Exception {
        var keeper = signedIn(Map.of("sub", "keeper-7", "realm_access", Map.of("roles", List.of("keepers"))));
        var anna = signedIn(ANNA);
        var tokensCsrfKey = keeper.key("/me/tokens");
        var cachesCsrfKey = keeper.key("/me");
        var pages = RouteCase.all().stream()
                .filter(route -> route.method().equals("POST")
                        && "application/x-www-form-urlencoded"
                                .equals(route.headers().get("Content-Type")))
                .map(route -> route.at("harbour"))
                .filter(page -> !page.equals("/prefs"))
                .distinct()
                .toList();
        assertTrue(pages.containsAll(List.of("/me", "/me/tokens")), pages.toString());
        for (var page : pages) {
            var pageKey = page.equals("/me/tokens") ? tokensCsrfKey : cachesCsrfKey;
            var otherPagesKey = page.equals("/me/tokens") ? cachesCsrfKey : tokensCsrfKey;
            for (var key : List.of("", "0".repeat(64), otherPagesKey, anna.key("/me"), anna.key("/me/tokens"))) {
                assertRefused(page, keeper.post(page, Map.of("key", key)));
            }
            for (var header : List.of(
                    List.of("Sec-Fetch-Site", "cross-site"),
                    List.of("Sec-Fetch-Site", "same-site"),
                    List.of("Origin", "https://elsewhere.example"),
                    List.of("Origin", "null"),
                    List.of("Origin", "http://127.0.0.1:1"),
                    List.of("Origin", "http://127.0.0.1:" + server.port() + ".elsewhere.example"))) {
                assertRefused(page, keeper.post(page, Map.of("key", pageKey), header.toArray(String[]::new)));
            }
        }
        for (var page : List.of("/me", "/me/tokens")) {
            var form = Map.of("key", page.equals("/me") ? cachesCsrfKey : tokensCsrfKey);
            var accepted = keeper.post(page, form, "Origin", "http://127.0.0.1:" + server.port());
            assertFalse(accepted.body().contains(FORGED_FORM_MESSAGE), page + accepted.body());
        }
    }

    private static void assertRefused(String page, HttpResponse<String> response) {
        assertEquals(403, response.statusCode(), page + response.body());
        assertTrue(response.body().contains(FORGED_FORM_MESSAGE), page + response.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "label=",
                "cache=a*b",
                "cache=",
                "days=x",
                "days=0",
                "days=400",
                "may=fly",
                "packages=a*b",
                "revoke=x"
            })
    void invalidFormIsRefusedWithAMessage(String change) throws Exception {
        var visitor = signedIn(ANNA);
        var form = new HashMap<>(laptopTokenForm(visitor.key("/me/tokens")));
        form.put(change.split("=", 2)[0], change.split("=", 2)[1]);
        var response = visitor.post("/me/tokens", form);
        assertEquals(400, response.statusCode(), response.body());
        assertFalse(response.body().contains("nrx_"));
    }

    @Test
    void creatorOwnsTheCache() throws Exception {
        var visitor = signedIn(Map.of("sub", "maker-1", "preferred_username", "maker"));
        var key = visitor.key("/me");
        var created = visitor.post("/me", Map.of("key", key, "name", "workshop"));
        assertEquals(303, created.statusCode(), created.body());
        assertEquals("/workshop", created.headers().firstValue("Location").orElse(""));
        assertEquals(200, visitor.get("/workshop").statusCode());
        assertTrue(visitor.get("/me")
                .body()
                .contains("<span class=\"badge\">Owner</span> <span class=\"badge\">Private</span>"));
        assertEquals(404, signedIn(ANNA).get("/workshop").statusCode());
        assertEquals(
                409, visitor.post("/me", Map.of("key", key, "name", "workshop")).statusCode());
        assertEquals(400, visitor.post("/me", Map.of("key", key, "name", "me")).statusCode());
        assertEquals(
                403, visitor.post("/me", Map.of("key", "", "name", "other")).statusCode());
    }

    @Test
    void accountPageListsPushesAndNeededAttention() throws Exception {
        var visitor = signedIn(Map.of("sub", "owner-1", "preferred_username", "owner"));
        visitor.post("/me", Map.of("key", visitor.key("/me"), "name", "boatyard"));
        var before = visitor.get("/me").body();
        assertFalse(before.contains("Needs attention") || before.contains("Recent pushes"), before);
        assertTrue(before.contains("nothing pushed yet"), before);
        var form = Map.of(
                "key",
                visitor.key("/me/tokens"),
                "label",
                "short <b>",
                "cache",
                "boatyard",
                "may",
                "push",
                "days",
                "7");
        var token = ScriptlessBrowser.first(
                "NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})",
                visitor.post("/me/tokens", form).body());
        var nar = SmallNar.of(Map.of("oar", "wood"));
        var path = SmallNar.path("oar-1.0.0");
        assertEquals(201, put(token, "/boatyard/nar/" + SmallNar.fileName(nar.bytes()), nar.bytes()));
        var info = SmallNar.text(nar.narInfo(path)).getBytes(StandardCharsets.UTF_8);
        assertEquals(201, put(token, "/boatyard/" + SmallNar.hashPart(path) + ".narinfo", info));
        try (var database = new ServerDatabase(server)) {
            database.change("update cache set quota_bytes = " + (nar.bytes().length + 1) + " where name = 'boatyard'");
        }
        var page = visitor.get("/me").body();
        assertTrue(page.contains("<a href=\"/boatyard/path/" + SmallNar.hashPart(path)), page);
        assertTrue(page.contains("The token “short &lt;b&gt;” ends"), page);
        assertTrue(page.contains("The cache boatyard has used 9") && page.contains("class=\"gauge\""), page);
        try (var database = new ServerDatabase(server)) {
            database.change("update cache set deleted_at = now() where name = 'boatyard'");
        }
        var after = visitor.get("/me").body();
        assertTrue(after.contains("The cache boatyard is deleted") && after.contains("Bring it back"), after);
        assertFalse(after.contains("The cache boatyard has used"), after);
        assertFalse(signedIn(ANNA).get("/me").body().contains("boatyard"));
    }

    private static int put(String token, String path, byte[] body) throws IOException, InterruptedException {
        var request = server.request(path).header("Authorization", "Bearer " + token);
        return server.http
                .send(request.PUT(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.discarding())
                .statusCode();
    }
}
