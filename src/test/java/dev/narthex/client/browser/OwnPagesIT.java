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

/** People who signed in see pages of their own, and make tokens and caches there; forms from elsewhere change nothing. */
class OwnPagesIT extends SignInSetup {
    @Test
    void anonymousUsersAreRedirectedToSignIn() throws Exception {
        for (var page : List.of("/me", "/me/tokens")) {
            var answer = new ScriptlessBrowser(server).get(page);
            assertEquals(303, answer.statusCode());
            assertEquals(
                    "/login?to=" + page.replace("/", "%2F"),
                    answer.headers().firstValue("Location").orElse(""));
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
        var made = visitor.post("/me/tokens", laptop(visitor.key("/me/tokens")));
        assertTrue(made.body().contains("nrx_"), made.body());
        var tokens = visitor.json("/api/me/tokens");
        assertEquals(200, tokens.statusCode(), tokens.body());
        assertTrue(tokens.body().contains("\"laptop\""), tokens.body());
        assertFalse(tokens.body().contains("nrx_"), tokens.body());
        for (var twin : List.of("/api/me", "/api/me/tokens")) {
            assertEquals(401, new ScriptlessBrowser(server).json(twin).statusCode());
            var token = ScriptlessBrowser.first("NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})", made.body());
            var request = server.request(twin)
                    .header("Authorization", "Bearer " + token)
                    .build();
            assertEquals(401, server.http.send(request, BodyHandlers.ofString()).statusCode());
        }
    }

    private static Map<String, String> laptop(String key) {
        return Map.of("key", key, "make", "token", "label", "laptop", "cache", "harbour", "may", "push", "days", "30");
    }

    @Test
    void tokenFromThePageWorksUntilRevokedThere() throws Exception {
        var visitor = signedIn(ANNA);
        var key = visitor.key("/me/tokens");
        var page = visitor.post("/me/tokens", laptop(key));
        assertEquals(200, page.statusCode(), page.body());
        assertEquals("no-store", page.headers().firstValue("Cache-Control").orElse(""));
        var token = ScriptlessBrowser.first("NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})", page.body());
        assertFalse(visitor.get("/me/tokens").body().contains("nrx_"));
        assertEquals(200, narinfo(token));
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
        assertEquals(200, narinfo(token));
        assertEquals(
                303,
                visitor.post("/me/tokens", Map.of("key", key, "revoke", id)).statusCode());
        assertEquals(401, narinfo(token));
    }

    @Test
    void forgedFormChangesNothing() throws Exception {
        var anna = signedIn(ANNA);
        var key = anna.key("/me/tokens");
        var otto = signedIn(Map.of("sub", "otto-4"));
        assertEquals(403, anna.post("/me/tokens", laptop("")).statusCode());
        assertEquals(
                403, anna.post("/me/tokens", laptop(otto.key("/me/tokens"))).statusCode());
        assertEquals(403, anna.post("/me/tokens", laptop(signOut(anna))).statusCode());
        assertEquals(
                403,
                new ScriptlessBrowser(server).post("/me/tokens", laptop(key)).statusCode());
        for (var site : List.of("cross-site", "same-site")) {
            assertEquals(
                    403,
                    anna.post("/me/tokens", laptop(key), "Sec-Fetch-Site", site).statusCode());
        }
        assertEquals(
                200,
                anna.post("/me/tokens", laptop(key), "Sec-Fetch-Site", "same-origin")
                        .statusCode());
    }

    private static final String NOT_FROM_HERE = "This form has expired or does not belong to your session.";

    /** Of every page that has one, as the list of routes says; asked as an admin, who may do all else. */
    @Test
    void formsFromOtherOriginsAreRefused() throws Exception {
        var keeper = signedIn(Map.of("sub", "keeper-7", "realm_access", Map.of("roles", List.of("keepers"))));
        var anna = signedIn(ANNA);
        var ofTokens = keeper.key("/me/tokens");
        var ofCaches = keeper.key("/me");
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
            var right = page.equals("/me/tokens") ? ofTokens : ofCaches;
            var others = page.equals("/me/tokens") ? ofCaches : ofTokens;
            for (var key : List.of("", "0".repeat(64), others, anna.key("/me"), anna.key("/me/tokens"))) {
                refused(page, keeper.post(page, Map.of("key", key)));
            }
            for (var header : List.of(
                    List.of("Sec-Fetch-Site", "cross-site"),
                    List.of("Sec-Fetch-Site", "same-site"),
                    List.of("Origin", "https://elsewhere.example"),
                    List.of("Origin", "null"),
                    List.of("Origin", "http://127.0.0.1:1"),
                    List.of("Origin", "http://127.0.0.1:" + server.port() + ".elsewhere.example"))) {
                refused(page, keeper.post(page, Map.of("key", right), header.toArray(String[]::new)));
            }
        }
        for (var page : List.of("/me", "/me/tokens")) {
            var form = Map.of("key", page.equals("/me") ? ofCaches : ofTokens);
            var taken = keeper.post(page, form, "Origin", "http://127.0.0.1:" + server.port());
            assertFalse(taken.body().contains(NOT_FROM_HERE), page + taken.body());
        }
    }

    private static void refused(String page, HttpResponse<String> answer) {
        assertEquals(403, answer.statusCode(), page + answer.body());
        assertTrue(answer.body().contains(NOT_FROM_HERE), page + answer.body());
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
        var form = new HashMap<>(laptop(visitor.key("/me/tokens")));
        form.put(change.split("=", 2)[0], change.split("=", 2)[1]);
        var answer = visitor.post("/me/tokens", form);
        assertEquals(400, answer.statusCode(), answer.body());
        assertFalse(answer.body().contains("nrx_"));
    }

    @Test
    void creatorOwnsTheCache() throws Exception {
        var visitor = signedIn(Map.of("sub", "maker-1", "preferred_username", "maker"));
        var key = visitor.key("/me");
        var made = visitor.post("/me", Map.of("key", key, "name", "workshop"));
        assertEquals(303, made.statusCode(), made.body());
        assertEquals("/workshop", made.headers().firstValue("Location").orElse(""));
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
        try (var rows = new ServerDatabase(server)) {
            rows.change("update cache set quota_bytes = " + (nar.bytes().length + 1) + " where name = 'boatyard'");
        }
        var page = visitor.get("/me").body();
        assertTrue(page.contains("<a href=\"/boatyard/path/" + SmallNar.hashPart(path)), page);
        assertTrue(page.contains("The token “short &lt;b&gt;” ends"), page);
        assertTrue(page.contains("The cache boatyard has used 9") && page.contains("class=\"gauge\""), page);
        try (var rows = new ServerDatabase(server)) {
            rows.change("update cache set deleted_at = now() where name = 'boatyard'");
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
