package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.support.RouteCase;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SharedSignInServer;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** People sign in at a provider that works, refuses, hangs or is not there; reading goes on whatever it does. */
class SignInIT {
    private static final Map<String, Object> ANNA =
            Map.of("sub", "anna-1", "preferred_username", "anna", "groups", List.of("harbour"));
    private static final String SIGNED_IN = "<a class=\"enter\" href=\"/me\">";
    private static final String SIGN_IN = "<a class=\"enter\" href=\"/login";

    /** A page waits three seconds for the provider; the rest is for a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(8);

    private static OpenIdServer provider;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        provider = SharedSignInServer.instance().provider;
        server = SharedSignInServer.instance().server;
        try (var rows = new ServerDatabase(server)) {
            rows.cache("harbour", false);
            rows.change("insert into membership (cache_id, group_name, role)"
                    + " select id, 'harbour', 'publisher' from cache where name = 'harbour' on conflict do nothing");
        }
    }

    @AfterEach
    void asBefore() {
        provider.recover();
        provider.lifetimeSeconds = 300;
    }

    private static ScriptlessBrowser signedIn(Map<String, Object> claims) throws Exception {
        provider.next = claims;
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertEquals("/status", page.uri().getPath(), page.body());
        assertTrue(page.body().contains(SIGNED_IN), page.body());
        return visitor;
    }

    // ── signing in and out ──

    @Test
    void signInReturnsToThePreviousPage() throws Exception {
        provider.next = ANNA;
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.get("/docs");
        assertTrue(page.body().contains(SIGN_IN + "?to=%2Fdocs\""), page.body());
        var login = visitor.get("/login?to=/docs");
        assertTrue(login.body().contains("Sign in with 127.0.0.1:"), login.body());
        var start = ScriptlessBrowser.first("href=\"(/oidc/start[^\"]*)\"", login.body());
        var sent = visitor.get(start);
        assertEquals(303, sent.statusCode());
        assertEquals("no-store", sent.headers().firstValue("Cache-Control").orElse(""));
        var location = sent.headers().firstValue("Location").orElse("");
        assertTrue(location.startsWith(provider.issuer() + "/authorize?"), location);
        assertTrue(location.contains("code_challenge_method=S256") && location.contains("nonce="), location);
        var back = visitor.follow(start);
        assertEquals("/docs", back.uri().getPath());
        assertTrue(back.body().contains(SIGNED_IN));
        assertEquals(303, visitor.get("/login").statusCode());
    }

    @Test
    void cookiesOfASessionAreForThisSiteAndNoScript() throws Exception {
        provider.next = ANNA;
        var visitor = new ScriptlessBrowser(server);
        var answer = visitor.get("/oidc/start");
        var cookies = List.copyOf(answer.headers().allValues("Set-Cookie"));
        var callback = visitor.get(
                visitor.get(URI.create(answer.headers().firstValue("Location").orElseThrow()))
                        .headers()
                        .firstValue("Location")
                        .map(URI::create)
                        .orElseThrow());
        var all = new ArrayList<>(cookies);
        all.addAll(callback.headers().allValues("Set-Cookie"));
        assertTrue(all.stream().anyMatch(cookie -> cookie.startsWith("q_session=")), all::toString);
        all.removeIf(cookie -> cookie.contains("Max-Age=0"));
        for (var cookie : all) {
            assertTrue(cookie.contains("HTTPOnly"), cookie);
            assertTrue(cookie.contains("SameSite=Lax"), cookie);
            assertFalse(cookie.contains("Domain="), cookie);
            assertFalse(cookie.contains("anna"), cookie);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example/", "x"})
    void nobodyIsSentElsewhere(String to) throws Exception {
        var visitor = signedIn(ANNA);
        var answer = visitor.get("/oidc/start?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8));
        assertEquals(
                "/",
                answer.headers()
                        .firstValue("Location")
                        .map(URI::create)
                        .orElseThrow()
                        .getPath());
        assertTrue(answer.headers().firstValue("Location").orElseThrow().matches("(http://127.0.0.1:\\d+)?/"));
    }

    @Test
    void refusedUserSeesTheReasonAndIsNotSignedIn() throws Exception {
        provider.next = Map.of();
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertEquals(403, page.statusCode());
        assertTrue(page.body().contains("was not completed"), page.body());
        assertTrue(page.body().contains(SIGN_IN), page.body());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/oidc/callback",
                "/oidc/callback?code=x",
                "/oidc/callback?code=x&state=y",
                "/oidc/callback?error=%3Cscript%3E&state=y",
                "/oidc/callback?code=x&state=y&state=z"
            })
    void anAnswerThatNobodyAskedForBeginsNoSession(String address) throws Exception {
        for (var visitor : List.of(new ScriptlessBrowser(server), begun())) {
            var page = visitor.get(address);
            assertEquals(403, page.statusCode(), page.body());
            assertFalse(page.body().contains("<script>"));
            assertEquals(List.of(), visitor.session());
        }
    }

    private static ScriptlessBrowser begun() throws Exception {
        var visitor = new ScriptlessBrowser(server);
        visitor.get("/oidc/start");
        return visitor;
    }

    @Test
    void aSessionThatSomebodyMadeUpIsNone() throws Exception {
        var visitor = signedIn(ANNA);
        visitor.spoil();
        var page = visitor.get("/status");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains(SIGN_IN));
        assertTrue(visitor.signIn().body().contains(SIGNED_IN));
    }

    // ── what people may ──

    @Test
    void aPersonSeesWhatHisGroupsMayAndProgramsTakeTokensOnly() throws Exception {
        var stranger = signedIn(Map.of("sub", "otto-1", "preferred_username", "otto"));
        assertEquals(404, stranger.get("/harbour").statusCode());
        var visitor = signedIn(ANNA);
        var page = visitor.get("/harbour");
        assertEquals(200, page.statusCode());
        assertTrue(page.headers().firstValue("Cache-Control").orElse("").contains("private"));
        assertEquals(200, visitor.get("/api/harbour").statusCode());
        assertTrue(visitor.get("/caches").body().contains("/harbour"));
        for (var machine : List.of(
                "/harbour/nix-cache-info",
                "/registry/harbour/npm/x",
                "/registry/harbour/pypi/simple/",
                "/_api/v1/tokens",
                "/_api/v1/harbour/audit",
                "/_api/v1/get-missing-paths")) {
            int status = visitor.get(machine).statusCode();
            assertTrue(List.of(401, 404, 405, 406).contains(status), status + " " + machine);
        }
    }

    @Test
    void aCredentialThatIsNoneIsNotSavedByASession() throws Exception {
        var answer = server.http.send(
                server.request("/api/main")
                        .header("Authorization", "Bearer a.bad.jwt")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(401, answer.statusCode());
        answer = server.http.send(
                server.request("/main/nix-cache-info")
                        .header("Authorization", "Bearer a.bad.jwt")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(200, answer.statusCode());
    }

    @Test
    void adminsAreThoseOfTheGroupAndThoseWhoAreNamed() throws Exception {
        try (var rows = new ServerDatabase(server)) {
            signedIn(Map.of("sub", "keeper-1", "realm_access", Map.of("roles", List.of("keepers"))));
            signedIn(Map.of("sub", "subject-of-the-first"));
            signedIn(Map.of("sub", "first-2", "email", "first@example.org", "email_verified", true));
            assertEquals(
                    3,
                    rows.number("select count(*) from person where admin"
                            + " and subject in ('keeper-1', 'subject-of-the-first', 'first-2')"));
            signedIn(Map.of("sub", "fraud-1", "email", "first@example.org", "email_verified", false));
            signedIn(Map.of("sub", "fraud-2", "preferred_username", "first@example.org"));
            signedIn(Map.of("sub", "keeper-1"));
            assertEquals(
                    0,
                    rows.number("select count(*) from person where admin"
                            + " and subject in ('keeper-1', 'fraud-1', 'fraud-2')"));
        }
    }

    @Test
    void aRenewedSessionFollowsWhatTheProviderSays() throws Exception {
        provider.lifetimeSeconds = 3;
        var visitor = signedIn(Map.of("sub", "rita-1", "preferred_username", "rita"));
        assertEquals(404, visitor.get("/harbour").statusCode());
        provider.next = Map.of("sub", "rita-1", "preferred_username", "rita", "groups", List.of("harbour"));
        Poll.until("a member", () -> visitor.get("/harbour").statusCode() == 200);
        provider.next = Map.of();
        Poll.until("signed out", () -> visitor.get("/status").body().contains(SIGN_IN));
    }

    // ── pages of one's own ──

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
    void aPersonSeesHisCachesAndWhatHeIsThere() throws Exception {
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
    void pagesOfOnesOwnAreThereAsJsonForTheSameBrowserOnly() throws Exception {
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
    void aTokenThatAPageMadeWorksUntilThePageRevokesIt() throws Exception {
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

    private static int narinfo(String token) throws IOException, InterruptedException {
        var request = server.request("/harbour/nix-cache-info").header("Authorization", "Bearer " + token);
        return server.http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Test
    void aFormFromElsewhereChangesNothing() throws Exception {
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

    @Test
    void signInRateLimitAppliesPerAddress() throws Exception {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByName("127.0.0.9"))
                .build()) {
            HttpResponse<String> last;
            int sent = 0;
            do {
                var step = sent++ % 2 == 0 ? "/oidc/start" : "/oidc/callback?code=x&state=y";
                last = client.send(server.request(step).build(), BodyHandlers.ofString());
            } while (last.statusCode() != 429 && sent < 4 * OpenIdServer.STEPS);
            assertEquals(429, last.statusCode(), sent + " steps");
            assertTrue(sent > OpenIdServer.STEPS, sent + " steps");
            assertTrue(last.headers().firstValue("Retry-After").isPresent());
        }
        assertEquals(303, new ScriptlessBrowser(server).get("/oidc/start").statusCode());
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
    void aFormThatIsWrongIsRefusedInWords(String change) throws Exception {
        var visitor = signedIn(ANNA);
        var form = new HashMap<>(laptop(visitor.key("/me/tokens")));
        form.put(change.split("=", 2)[0], change.split("=", 2)[1]);
        var answer = visitor.post("/me/tokens", form);
        assertEquals(400, answer.statusCode(), answer.body());
        assertFalse(answer.body().contains("nrx_"));
    }

    private static String signOut(ScriptlessBrowser visitor) throws Exception {
        return ScriptlessBrowser.first(
                "/logout\\?key=([0-9a-f]+)", visitor.get("/me").body());
    }

    @Test
    void signOutEndsTheSessionHereAndAtTheProvider() throws Exception {
        var visitor = signedIn(ANNA);
        assertEquals(403, visitor.get("/logout").statusCode());
        assertEquals(
                403, visitor.get("/logout?key=" + visitor.key("/me/tokens")).statusCode());
        var answer = visitor.get("/logout?key=" + signOut(visitor));
        assertEquals(303, answer.statusCode());
        var there = answer.headers().firstValue("Location").orElseThrow();
        assertTrue(there.startsWith(provider.issuer() + "/end?") && there.contains("id_token_hint="), there);
        assertEquals(List.of(), visitor.session());
        var page = visitor.follow(URI.create(there));
        assertEquals("/logged-out", page.uri().getPath());
        assertTrue(page.body().contains(SIGN_IN), page.body());
    }

    @Test
    void aPersonMakesACacheAndOwnsIt() throws Exception {
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
    void aPersonSeesWhatHePushedAndWhatNeedsHim() throws Exception {
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

    // ── the provider in trouble ──

    @Test
    void aFreshSessionNeedsNoProvider() throws Exception {
        var visitor = signedIn(ANNA);
        provider.hang();
        assertTrue(visitor.get("/status").body().contains(SIGNED_IN));
        assertEquals(200, visitor.get("/harbour").statusCode());
    }

    /** In one scenario, since each of its requests waits for the provider until its time is up. */
    @Test
    void hangingProviderStopsNeitherReadersNorLaterSignIns() throws Exception {
        provider.next = ANNA;
        var halfway = new ScriptlessBrowser(server);
        var back = location(halfway.get(location(halfway.get("/oidc/start"))));
        provider.lifetimeSeconds = 3;
        var expired = signedIn(ANNA);
        provider.hang();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var exchange = threads.submit(() -> halfway.get(back));
            Poll.until("signed out", () -> expired.get("/status").body().contains(SIGN_IN));
            var visits = new ArrayList<Future<?>>();
            Map.of("/main", 200, "/harbour", 404, "/oidc/start", 303)
                    .forEach((path, status) -> visits.add(threads.submit(() -> {
                        soon(status, expired, path);
                        return path;
                    })));
            for (var visit : visits) {
                visit.get();
            }
            assertEquals(503, exchange.get().statusCode(), "the code cannot be exchanged");
        }
        provider.recover();
        assertTrue(expired.signIn().body().contains(SIGNED_IN), "signs in again after the session expired");
        assertTrue(halfway.signIn().body().contains(SIGNED_IN), "signs in again after the exchange failed");
    }

    private static URI location(HttpResponse<String> answer) {
        return URI.create(answer.headers().firstValue("Location").orElseThrow());
    }

    private static void soon(int status, ScriptlessBrowser visitor, String path) throws Exception {
        long start = System.nanoTime();
        var answer = visitor.get(path);
        var took = Duration.ofNanos(System.nanoTime() - start);
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(took.compareTo(SOON) < 0, path + " took " + took);
    }

    @Test
    void noPageMentionsSignInWithoutAProvider() throws Exception {
        var visitor = new ScriptlessBrowser(SharedServer.instance().server);
        assertFalse(visitor.get("/status").body().contains("/login"));
        for (var address : List.of("/login", "/oidc/start", "/oidc/callback", "/me", "/me/tokens")) {
            assertEquals(404, visitor.get(address).statusCode(), address);
        }
        assertEquals(303, visitor.get("/logout").statusCode());
    }

    @Test
    void noSecretIsLogged() throws IOException {
        var log = server.log();
        assertFalse(log.contains(OpenIdServer.SECRET), log);
        assertFalse(log.contains("eyJ"), log);
        assertTrue(Files.exists(server.data().resolve("instance.key")));
    }

    // ── clients that sign in by a page ──

    @TempDir
    Path scratch;

    private CompletableFuture<ProgramRunner.Result> npmLogin(ProgramRunner npm) {
        return CompletableFuture.supplyAsync(
                () -> npm.run("npm", "login", "--auth-type=web"),
                command -> Thread.ofVirtual().start(command));
    }

    private ProgramRunner npm() throws IOException {
        Files.writeString(
                scratch.resolve(".npmrc"),
                "registry=" + server.uri("/registry/harbour/npm/") + "\nupdate-notifier=false\n");
        Files.writeString(scratch.resolve("package.json"), "{\"name\":\"buoy\",\"version\":\"1.0.0\"}");
        return new ProgramRunner(scratch)
                .with("npm_config_userconfig", scratch.resolve(".npmrc").toString())
                .with("npm_config_cache", scratch.resolve("cache").toString());
    }

    /** The address that npm shows while it waits. */
    private String shown() throws Exception {
        var seen = new AtomicReference<String>();
        Poll.until("npm shows an address", () -> {
            try (var files = Files.list(scratch)) {
                for (var file : files.filter(f -> f.toString().endsWith(".txt")).toList()) {
                    var matcher = Pattern.compile("(/login/[A-Z]{4}-[A-Z]{4})").matcher(Files.readString(file));
                    if (matcher.find()) {
                        seen.set(matcher.group(1));
                        return true;
                    }
                }
            }
            return false;
        });
        return seen.get();
    }

    @Test
    void npmSignsInByAPageOnWhichAPersonComparesTheCode() throws Exception {
        var npm = npm();
        assertTrue(npm.run("npm", "whoami").failed().err().contains("ENEEDAUTH"));
        var login = npmLogin(npm);
        var page = shown();
        var stranger = new ScriptlessBrowser(server);
        assertEquals(303, stranger.get(page).statusCode());
        assertEquals(403, stranger.post(page, Map.of("confirm", "yes")).statusCode());
        var anna = signedIn(ANNA);
        var asked = anna.get(page);
        assertEquals(200, asked.statusCode(), asked.body());
        assertTrue(asked.body().contains("<code>" + page.replaceFirst(".*/", "") + "</code>"), asked.body());
        assertTrue(asked.body().contains("npm/"), asked.body());
        assertEquals(
                403,
                anna.post(page, Map.of("confirm", "yes", "key", anna.key("/me/tokens")))
                        .statusCode());
        var done = anna.post(page, Map.of("confirm", "yes", "key", anna.key(page)));
        assertEquals(200, done.statusCode(), done.body());
        assertEquals(404, anna.get(page).statusCode());
        login.get(2, TimeUnit.MINUTES).succeeded();
        assertEquals("anna", npm.run("npm", "whoami").succeeded().out().strip());
        npm.run("npm", "publish").succeeded();
        assertTrue(npm.run("npm", "token", "list", "--json").succeeded().out().contains("npm login to harbour"));
        var settings = Files.readString(scratch.resolve(".npmrc"));
        npm.run("npm", "logout").succeeded();
        assertEquals(401, narinfo(ScriptlessBrowser.first("(nrx_[0-9A-Za-z]{42})", settings)));
    }

    @Test
    void aClientThatNobodyKnowsIsRefused() throws Exception {
        var login = npmLogin(npm());
        var page = shown();
        var anna = signedIn(ANNA);
        assertTrue(anna.post(page, Map.of("refuse", "yes", "key", anna.key(page)))
                .body()
                .contains("was refused"));
        login.get(2, TimeUnit.MINUTES).failed();
        assertEquals(404, anna.get(page).statusCode());
        assertEquals(404, anna.get("/login/AAAA-AAAA").statusCode());
    }
}
