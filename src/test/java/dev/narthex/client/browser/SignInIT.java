package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.NpmLoginClient;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sign-in at a provider that works, refuses, hangs or is unavailable. Reading always works. */
class SignInIT extends SignInSetup {
    /** A page waits 3 seconds for the provider; the rest is for a busy machine. */
    private static final Duration MAX_RESPONSE_TIME = Duration.ofSeconds(8);

    // ── signing in and out ──

    @Test
    void signInReturnsToThePreviousPage() throws Exception {
        provider.next = ANNA;
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.get("/docs");
        assertTrue(page.body().contains(SIGN_IN_LINK + "?to=%2Fdocs\""), page.body());
        var login = visitor.get("/login?to=/docs");
        assertTrue(login.body().contains("Sign in with 127.0.0.1:"), login.body());
        var start = ScriptlessBrowser.first("href=\"(/oidc/start[^\"]*)\"", login.body());
        var redirect = visitor.get(start);
        assertEquals(303, redirect.statusCode());
        assertEquals("no-store", redirect.headers().firstValue("Cache-Control").orElse(""));
        var location = redirect.headers().firstValue("Location").orElse("");
        assertTrue(location.startsWith(provider.issuer() + "/authorize?"), location);
        assertTrue(location.contains("code_challenge_method=S256") && location.contains("nonce="), location);
        var returned = visitor.follow(start);
        assertEquals("/docs", returned.uri().getPath());
        assertTrue(returned.body().contains(SIGNED_IN_LINK));
        assertEquals(303, visitor.get("/login").statusCode());
    }

    @Test
    void sessionCookiesAreHttpOnlyAndSameSite() throws Exception {
        provider.next = ANNA;
        var visitor = new ScriptlessBrowser(server);
        var response = visitor.get("/oidc/start");
        var cookies = List.copyOf(response.headers().allValues("Set-Cookie"));
        var callback = visitor.get(
                visitor.get(URI.create(response.headers().firstValue("Location").orElseThrow()))
                        .headers()
                        .firstValue("Location")
                        .map(URI::create)
                        .orElseThrow());
        var setCookies = new ArrayList<>(cookies);
        setCookies.addAll(callback.headers().allValues("Set-Cookie"));
        assertTrue(setCookies.stream().anyMatch(cookie -> cookie.startsWith("q_session=")), setCookies::toString);
        setCookies.removeIf(cookie -> cookie.contains("Max-Age=0"));
        for (var cookie : setCookies) {
            assertTrue(cookie.contains("HTTPOnly"), cookie);
            assertTrue(cookie.contains("SameSite=Lax"), cookie);
            assertFalse(cookie.contains("Domain="), cookie);
            assertFalse(cookie.contains("anna"), cookie);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example/", "x"})
    void redirectTargetStaysOnThisSite(String to) throws Exception {
        var visitor = signedIn(ANNA);
        var response = visitor.get("/oidc/start?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8));
        assertEquals(
                "/",
                response.headers()
                        .firstValue("Location")
                        .map(URI::create)
                        .orElseThrow()
                        .getPath());
        assertTrue(response.headers().firstValue("Location").orElseThrow().matches("(http://127.0.0.1:\\d+)?/"));
    }

    @Test
    void refusedUserSeesTheReasonAndIsNotSignedIn() throws Exception {
        provider.next = Map.of();
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertEquals(403, page.statusCode());
        assertTrue(page.body().contains("was not completed"), page.body());
        assertTrue(page.body().contains(SIGN_IN_LINK), page.body());
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
    void unsolicitedCallbackStartsNoSession(String address) throws Exception {
        for (var visitor : List.of(new ScriptlessBrowser(server), visitorWithStartedSignIn())) {
            var page = visitor.get(address);
            assertEquals(403, page.statusCode(), page.body());
            assertFalse(page.body().contains("<script>"));
            assertEquals(List.of(), visitor.session());
        }
    }

    private static ScriptlessBrowser visitorWithStartedSignIn() throws Exception {
        var visitor = new ScriptlessBrowser(server);
        visitor.get("/oidc/start");
        return visitor;
    }

    @Test
    void forgedSessionCookieIsIgnored() throws Exception {
        var visitor = signedIn(ANNA);
        visitor.spoil();
        var page = visitor.get("/status");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains(SIGN_IN_LINK));
        assertTrue(visitor.signIn().body().contains(SIGNED_IN_LINK));
    }

    // ── permissions of people ──

    @Test
    void groupsGrantAccessInTheBrowserOnly() throws Exception {
        var stranger = signedIn(Map.of("sub", "otto-1", "preferred_username", "otto"));
        assertEquals(404, stranger.get("/harbour").statusCode());
        var visitor = signedIn(ANNA);
        var page = visitor.get("/harbour");
        assertEquals(200, page.statusCode());
        assertTrue(page.headers().firstValue("Cache-Control").orElse("").contains("private"));
        assertEquals(200, visitor.get("/api/harbour").statusCode());
        assertTrue(visitor.get("/caches").body().contains("/harbour"));
        for (var machineRoute : List.of(
                "/harbour/nix-cache-info",
                "/registry/harbour/npm/x",
                "/registry/harbour/pypi/simple/",
                "/_api/v1/tokens",
                "/_api/v1/harbour/audit",
                "/_api/v1/get-missing-paths")) {
            int status = visitor.get(machineRoute).statusCode();
            assertTrue(List.of(401, 404, 405, 406).contains(status), status + " " + machineRoute);
        }
    }

    @Test
    void invalidBearerTokenIsRefusedByTheApiOnly() throws Exception {
        var response = server.http.send(
                server.request("/api/main")
                        .header("Authorization", "Bearer a.bad.jwt")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(401, response.statusCode());
        response = server.http.send(
                server.request("/main/nix-cache-info")
                        .header("Authorization", "Bearer a.bad.jwt")
                        .build(),
                BodyHandlers.ofString());
        assertEquals(200, response.statusCode());
    }

    @Test
    void adminsAreConfiguredByGroupOrSubject() throws Exception {
        try (var database = new ServerDatabase(server)) {
            signedIn(Map.of("sub", "keeper-1", "realm_access", Map.of("roles", List.of("keepers"))));
            signedIn(Map.of("sub", "subject-of-the-first"));
            signedIn(Map.of("sub", "first-2", "email", "first@example.org", "email_verified", true));
            assertEquals(
                    3,
                    database.number("select count(*) from person where admin"
                            + " and subject in ('keeper-1', 'subject-of-the-first', 'first-2')"));
            signedIn(Map.of("sub", "fraud-1", "email", "first@example.org", "email_verified", false));
            signedIn(Map.of("sub", "fraud-2", "preferred_username", "first@example.org"));
            signedIn(Map.of("sub", "keeper-1"));
            assertEquals(
                    0,
                    database.number("select count(*) from person where admin"
                            + " and subject in ('keeper-1', 'fraud-1', 'fraud-2')"));
        }
    }

    @Test
    void renewedSessionHasTheClaimsOfTheProvider() throws Exception {
        provider.lifetimeSeconds = 3;
        var visitor = signedIn(Map.of("sub", "rita-1", "preferred_username", "rita"));
        assertEquals(404, visitor.get("/harbour").statusCode());
        provider.next = Map.of("sub", "rita-1", "preferred_username", "rita", "groups", List.of("harbour"));
        Poll.until("a member", () -> visitor.get("/harbour").statusCode() == 200);
        provider.next = Map.of();
        Poll.until("signed out", () -> visitor.get("/status").body().contains(SIGN_IN_LINK));
    }

    @Test
    void signInRateLimitAppliesPerAddress() throws Exception {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByName("127.0.0.9"))
                .build()) {
            HttpResponse<String> response;
            int count = 0;
            do {
                var path = count++ % 2 == 0 ? "/oidc/start" : "/oidc/callback?code=x&state=y";
                response = client.send(server.request(path).build(), BodyHandlers.ofString());
            } while (response.statusCode() != 429 && count < 4 * OpenIdServer.STEPS);
            assertEquals(429, response.statusCode(), count + " steps");
            assertTrue(count > OpenIdServer.STEPS, count + " steps");
            assertTrue(response.headers().firstValue("Retry-After").isPresent());
        }
        assertEquals(303, new ScriptlessBrowser(server).get("/oidc/start").statusCode());
    }

    @Test
    void signOutEndsTheSessionHereAndAtTheProvider() throws Exception {
        var visitor = signedIn(ANNA);
        assertEquals(403, visitor.get("/logout").statusCode());
        assertEquals(
                403, visitor.get("/logout?key=" + visitor.key("/me/tokens")).statusCode());
        var response = visitor.get("/logout?key=" + signOutKey(visitor));
        assertEquals(303, response.statusCode());
        var endSessionUrl = response.headers().firstValue("Location").orElseThrow();
        assertTrue(
                endSessionUrl.startsWith(provider.issuer() + "/end?") && endSessionUrl.contains("id_token_hint="),
                endSessionUrl);
        assertEquals(List.of(), visitor.session());
        var page = visitor.follow(URI.create(endSessionUrl));
        assertEquals("/logged-out", page.uri().getPath());
        assertTrue(page.body().contains(SIGN_IN_LINK), page.body());
    }

    // ── provider failures ──

    @Test
    void freshSessionWorksWithoutTheProvider() throws Exception {
        var visitor = signedIn(ANNA);
        provider.hang();
        assertTrue(visitor.get("/status").body().contains(SIGNED_IN_LINK));
        assertEquals(200, visitor.get("/harbour").statusCode());
    }

    /** One scenario, because each of its requests waits for the provider until the timeout. */
    @Test
    void hangingProviderStopsNeitherReadersNorLaterSignIns() throws Exception {
        provider.next = ANNA;
        var visitorBeforeCallback = new ScriptlessBrowser(server);
        var callback = locationOf(visitorBeforeCallback.get(locationOf(visitorBeforeCallback.get("/oidc/start"))));
        provider.lifetimeSeconds = 3;
        var expired = signedIn(ANNA);
        provider.hang();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var codeExchange = threads.submit(() -> visitorBeforeCallback.get(callback));
            Poll.until("signed out", () -> expired.get("/status").body().contains(SIGN_IN_LINK));
            var visits = new ArrayList<Future<?>>();
            Map.of("/main", 200, "/harbour", 404, "/oidc/start", 303)
                    .forEach((path, status) -> visits.add(threads.submit(() -> {
                        assertAnswersSoon(status, expired, path);
                        return path;
                    })));
            for (var visit : visits) {
                visit.get();
            }
            assertEquals(503, codeExchange.get().statusCode(), "the code cannot be exchanged");
        }
        provider.recover();
        assertTrue(expired.signIn().body().contains(SIGNED_IN_LINK), "a new sign-in works after the session expired");
        assertTrue(
                visitorBeforeCallback.signIn().body().contains(SIGNED_IN_LINK),
                "a new sign-in works after the exchange failed");
    }

    private static URI locationOf(HttpResponse<String> response) {
        return URI.create(response.headers().firstValue("Location").orElseThrow());
    }

    private static void assertAnswersSoon(int status, ScriptlessBrowser visitor, String path) throws Exception {
        long start = System.nanoTime();
        var response = visitor.get(path);
        var duration = Duration.ofNanos(System.nanoTime() - start);
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(duration.compareTo(MAX_RESPONSE_TIME) < 0, path + " took " + duration);
    }

    @Test
    void signInPagesAreMissingWithoutAProvider() throws Exception {
        var visitor = new ScriptlessBrowser(SharedServer.instance().server);
        assertFalse(visitor.get("/status").body().contains("/login"));
        for (var address : List.of("/login", "/oidc/start", "/oidc/callback", "/me", "/me/tokens")) {
            assertEquals(404, visitor.get(address).statusCode(), address);
        }
        assertEquals(303, visitor.get("/logout").statusCode());
    }

    @Test
    void logContainsNoSecret() throws IOException {
        var log = server.log();
        assertFalse(log.contains(OpenIdServer.SECRET), log);
        assertFalse(log.contains("eyJ"), log);
        assertTrue(Files.exists(server.data().resolve("instance.key")));
    }

    // ── device login ──

    @TempDir
    Path scratch;

    @Test
    void npmLoginIsApprovedOnAPage() throws Exception {
        var npm = new NpmLoginClient(server, "harbour", scratch);
        assertTrue(npm.run("npm", "whoami").failed().err().contains("ENEEDAUTH"));
        var login = npm.login();
        var page = npm.page();
        var stranger = new ScriptlessBrowser(server);
        assertEquals(303, stranger.get(page).statusCode());
        assertEquals(403, stranger.post(page, Map.of("confirm", "yes")).statusCode());
        var anna = signedIn(ANNA);
        var approvalPage = anna.get(page);
        assertEquals(200, approvalPage.statusCode(), approvalPage.body());
        assertTrue(
                approvalPage.body().contains("<code>" + page.replaceFirst(".*/", "") + "</code>"), approvalPage.body());
        assertTrue(approvalPage.body().contains("npm/"), approvalPage.body());
        assertEquals(
                403,
                anna.post(page, Map.of("confirm", "yes", "key", anna.key("/me/tokens")))
                        .statusCode());
        var approval = anna.post(page, Map.of("confirm", "yes", "key", anna.key(page)));
        assertEquals(200, approval.statusCode(), approval.body());
        assertEquals(404, anna.get(page).statusCode());
        login.get(2, TimeUnit.MINUTES).succeeded();
        assertEquals("anna", npm.run("npm", "whoami").succeeded().out().strip());
        npm.run("npm", "publish").succeeded();
        assertTrue(npm.run("npm", "token", "list", "--json").succeeded().out().contains("npm login to harbour"));
        var settings = Files.readString(scratch.resolve(".npmrc"));
        npm.run("npm", "logout").succeeded();
        assertEquals(401, nixCacheInfoStatus(ScriptlessBrowser.first("(nrx_[0-9A-Za-z]{42})", settings)));
    }

    @Test
    void refusedDeviceLoginFailsAndItsPageIsGone() throws Exception {
        var npm = new NpmLoginClient(server, "harbour", scratch);
        var login = npm.login();
        var page = npm.page();
        var anna = signedIn(ANNA);
        assertTrue(anna.post(page, Map.of("refuse", "yes", "key", anna.key(page)))
                .body()
                .contains("was refused"));
        login.get(2, TimeUnit.MINUTES).failed();
        assertEquals(404, anna.get(page).statusCode());
        assertEquals(404, anna.get("/login/AAAA-AAAA").statusCode());
    }
}
