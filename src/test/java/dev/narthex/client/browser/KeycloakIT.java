package dev.narthex.client.browser;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.Browser;
import dev.narthex.client.support.KeycloakServer;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person with a real browser and a real Keycloak signs in, creates a cache and a token, pushes, revokes the token and signs
 * out.
 */
@Tag("long")
class KeycloakIT {
    private static final Path PICTURES = Path.of("target/pictures");
    private static final List<Integer> WIDTHS = List.of(1280, 360);
    private static final List<String> SCHEMES = List.of("light", "dark");

    private static final KeycloakServer KEYCLOAK = new KeycloakServer();
    private static Server server;

    @TempDir
    Path scratch;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(
                Server.folder(),
                "-Dnarthex.oidc.url=" + KEYCLOAK.issuer(),
                "-Dnarthex.oidc.client-secret=a secret that only the test has",
                "-Dnarthex.oidc.group-claims=groups,realm_access/roles",
                "-Dnarthex.oidc.admin-group=narthex-admin");
        KEYCLOAK.start(server.uri(""));
    }

    @AfterAll
    static void stop() throws Exception {
        KEYCLOAK.close();
        server.close();
    }

    @Test
    void personCreatesACacheAndPushesUntilTheTokenIsRevoked() throws Exception {
        try (var browser = new Browser()) {
            signIn(browser, "/docs", "anna", "anna's password");
            assertEquals("/docs", browser.path());
            browser.leave("a[href='/me']");
            assertTrue(browser.text().contains("You are anna"), browser.text());
            assertTrue(browser.text().contains("publishers"), browser.text());
            takePictures(browser, "me-none");
            browser.type("input[name=name]", "harbour");
            browser.leave("button[name=make]");
            assertEquals("/harbour", browser.path());
            browser.leave("a[href='/me']");
            assertTrue(browser.text().contains("owner"), browser.text());
            takePictures(browser, "me");
            browser.leave("a[href='/me/tokens']");
            takePictures(browser, "tokens-none");
            browser.type("input[name=label]", "laptop <b>");
            browser.value("document.querySelector('select[name=cache]').value = 'harbour'");
            browser.click("input[value=push]");
            browser.leave("button[name=make]");
            assertTrue(browser.text().contains("Copy token laptop <b> now"), browser.text());
            var token = ScriptlessBrowser.first("export NARTHEX_TOKEN=(nrx_[0-9A-Za-z]{42})", browser.text());
            takePictures(browser, "tokens-made");
            push(token).succeeded();
            browser.go(server.uri("/me/tokens"));
            assertFalse(browser.text().contains("nrx_"), browser.text());
            browser.leave("button[name=revoke]");
            assertFalse(browser.text().contains("laptop"), browser.text());
            var refused = push(token).failed();
            assertTrue(refused.err().contains("401"), refused.err());
            browser.leave("a[href='/me']");
            browser.leave("a[href^='/logout']");
            assertEquals("/logged-out", browser.path());
            browser.go(server.uri("/me"));
            assertEquals("/login", browser.path());
            browser.leave("a[href^='/oidc/start']");
            assertTrue(browser.path().startsWith("/realms/"), "also signed out at the provider: " + browser.path());
            assertEquals(
                    List.of(),
                    browser.complaints().stream()
                            .filter(line -> !line.contains("404"))
                            .toList());
        }
    }

    @Test
    void roleAtTheProviderGrantsAdminRights() throws Exception {
        try (var browser = new Browser()) {
            signIn(browser, "/me", "root", "root's password");
            assertTrue(browser.text().contains("an admin of this server"), browser.text());
        }
    }

    @Test
    void readingWorksWhileTheProviderIsStopped() throws Exception {
        try (var browser = new Browser()) {
            signIn(browser, "/docs", "anna", "anna's password");
            KEYCLOAK.freeze();
            try {
                for (var address : List.of("/", "/main", "/main/nix-cache-info", "/registry/main/npm/-/ping")) {
                    assertAnswersSoon(server.request(address).build());
                    assertAnswersSoon(server.authorized(address).build());
                }
                browser.go(server.uri("/me"));
                assertTrue(browser.text().contains("You are anna"), browser.text());
            } finally {
                KEYCLOAK.thaw();
            }
        }
        try (var browser = new Browser()) {
            signIn(browser, "/docs", "anna", "anna's password");
            assertEquals("/docs", browser.path());
        }
    }

    private static void assertAnswersSoon(HttpRequest request) throws Exception {
        long start = System.nanoTime();
        assertEquals(200, server.http.send(request, BodyHandlers.discarding()).statusCode(), request + "");
        var duration = Duration.ofNanos(System.nanoTime() - start);
        assertTrue(duration.toSeconds() < 3, request + " took " + duration);
    }

    private static void signIn(Browser browser, String page, String user, String password) throws Exception {
        browser.go(server.uri(page));
        if (!browser.path().equals("/login")) {
            browser.leave("a[href^='/login']");
        }
        takePictures(browser, "login");
        browser.leave("a[href^='/oidc/start']");
        browser.type("#username", user);
        browser.type("#password", password);
        browser.leave("#kc-login");
    }

    private static void takePictures(Browser browser, String name) throws Exception {
        for (var width : WIDTHS) {
            for (var scheme : SCHEMES) {
                browser.picture(PICTURES.resolve(name + "-" + width + "-" + scheme + ".png"), width, scheme);
            }
        }
    }

    private ProgramRunner.Result push(String token) throws Exception {
        var netrc =
                Files.writeString(scratch.resolve("netrc"), "machine 127.0.0.1 login anyone password " + token + "\n");
        var item = CORPUS.items().stream()
                .filter(candidate -> candidate.packageName().equals("ms"))
                .findFirst()
                .orElseThrow();
        return CORPUS.push(
                CORPUS.nix(scratch), netrc, server.uri("/harbour") + "?compression=zstd", List.of(item.path()));
    }
}
