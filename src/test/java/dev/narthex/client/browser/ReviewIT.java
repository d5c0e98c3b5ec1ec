package dev.narthex.client.browser;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.AccessibilityChecker;
import dev.narthex.client.support.Browser;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedSignInServer;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.pypi.UploadFormFixture;
import dev.narthex.web.support.PortalFixture;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A CI without publish permission pushes with real nix, a maintainer decides in a browser, and real npm installs the package.
 */
class ReviewIT {
    private static final Path PICTURES = Path.of("target/pictures");
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String README =
            "# Lantern\n\nLantern serves one folder over HTTP. When a file in it changes, every"
                    + " open page reloads. It reads no configuration file and keeps no state.\n";

    private static final SharedSignInServer SIGN_IN = SharedSignInServer.instance();

    private final OpenIdServer provider = SIGN_IN.provider;
    private final Server server = SIGN_IN.server;

    @TempDir
    Path scratch;

    private String cache;
    private String token;
    private Map<String, Object> olga;

    @BeforeEach
    void createCacheOwnerAndToken() throws Exception {
        int number = NUMBERS.incrementAndGet();
        cache = "promoted-" + number;
        olga = Map.of("sub", "olga-" + cache, "preferred_username", "olga-" + cache);
        var owner = signedIn(olga);
        assertEquals(
                303,
                owner.post("/me", Map.of("key", owner.key("/me"), "name", cache))
                        .statusCode());
        var page = "/" + cache + "/settings";
        var publicRead = Map.of("key", owner.key(page), "act", "read", "public", "yes");
        assertEquals(303, owner.post(page, publicRead).statusCode());
        token = createToken("ci-nightly", "\"push\"");
    }

    private static ScriptlessBrowser signedIn(Map<String, Object> claims) throws Exception {
        return SIGN_IN.signedIn(claims);
    }

    private String createToken(String label, String actions) throws IOException, InterruptedException {
        var body = "{\"label\":\"%s\",\"caches\":[\"%s\"],\"actions\":[%s]}".formatted(label, cache, actions);
        var response = server.http.send(
                server.authorized("/_api/v1/tokens")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        assertEquals(201, response.statusCode(), response.body());
        return new ObjectMapper().readTree(response.body()).path("token").asText();
    }

    /** Pushes a tarball under its file name, as nix does, and returns the hash part of its path. */
    private String push(String bearerToken, String fileName, byte[] tarball) throws Exception {
        var nar = SmallNar.flat(tarball);
        var path = SmallNar.path(cache + "-" + fileName);
        var lines = nar.narInfo(path);
        lines.put("Deriver", SmallNar.path(cache + fileName + "-lantern.drv").substring("/nix/store/".length()));
        put(bearerToken, "nar/" + SmallNar.fileName(nar.bytes()), nar.bytes());
        put(
                bearerToken,
                SmallNar.hashPart(path) + ".narinfo",
                SmallNar.text(lines).getBytes(StandardCharsets.UTF_8));
        return SmallNar.hashPart(path);
    }

    private void put(String bearerToken, String target, byte[] body) throws Exception {
        var response = server.http.send(
                server.request("/" + cache + "/" + target)
                        .header("Authorization", "Bearer " + bearerToken)
                        .PUT(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofString());
        assertTrue(response.statusCode() <= 201, response.body());
    }

    private static byte[] lantern(String version, String content) {
        return PortalFixture.tarball(
                "package.json",
                """
                {"name":"lantern","version":"%s","license":"MIT",
                 "description":"Serve a folder over HTTP and reload the browser when a file changes."}""".formatted(version),
                "README.md",
                README,
                "index.js",
                "module.exports = '" + content + "'\n");
    }

    private boolean pageExists(String page) throws Exception {
        return new ScriptlessBrowser(server).get("/" + cache + page).statusCode() == 200;
    }

    /** Waits until all pushed paths are recognized. */
    private void awaitBuilds(String page, int builds) throws Exception {
        Poll.until(builds + " builds", () -> {
            var response = new ScriptlessBrowser(server).get("/api/" + cache + page);
            return response.statusCode() == 200
                    && new ObjectMapper()
                                    .readTree(response.body())
                                    .path("builds")
                                    .path("count")
                                    .asInt()
                            == builds;
        });
    }

    private ProgramRunner createNpmRunner() throws IOException {
        var registry = server.uri("/registry/" + cache + "/npm/").toString();
        Files.writeString(scratch.resolve(".npmrc"), "registry=" + registry + "\n");
        Files.writeString(
                scratch.resolve("package.json"), "{\"name\":\"consumer\",\"version\":\"1.0.0\",\"private\":true}");
        return new ProgramRunner(scratch)
                .with("npm_config_cache", scratch.resolve("cache").toString())
                .with("npm_config_update_notifier", "false");
    }

    @Test
    void npmInstallsAPushedPackageAfterPromotion() throws Exception {
        var item = CORPUS.items().stream()
                .filter(candidate -> candidate.kind().equals("source")
                        && candidate.packageName().equals("ms"))
                .findFirst()
                .orElseThrow();
        var netrc =
                Files.writeString(scratch.resolve("netrc"), "machine 127.0.0.1 login anyone password " + token + "\n");
        var nix = Files.createDirectories(scratch.resolve("nix"));
        CORPUS.push(CORPUS.nix(nix), netrc, server.uri("/" + cache) + "?compression=zstd", List.of(item.path()))
                .succeeded();
        var page = "/npm/ms@" + item.version();
        Poll.until("the tarball is recognized", () -> pageExists(page));
        var npm = createNpmRunner();
        assertTrue(npm.run("npm", "view", "ms", "version").failed().err().contains("E404"));
        try (var browser = new Browser()) {
            provider.next = olga;
            browser.go(server.uri("/oidc/start?to=/" + cache + page));
            assertTrue(browser.text().contains("ci-nightly pushed"), browser.text());
            browser.leave("button[value=promote]");
            assertTrue(browser.text().contains("is released"), browser.text());
            assertEquals("/" + cache + page, browser.path());
        }
        assertEquals(
                item.version(),
                npm.run("npm", "view", "ms", "dist-tags.latest")
                        .succeeded()
                        .out()
                        .strip());
        npm.run("npm", "install", "--no-audit", "ms").succeeded();
        var file = npm.run("npm", "pack", "--silent", "ms").succeeded().out().strip();
        assertArrayEquals(
                Files.readAllBytes(Path.of(CORPUS.store() + item.path())), Files.readAllBytes(scratch.resolve(file)));
    }

    @Test
    void declinedReleaseIsNotProposedAgainByAPush() throws Exception {
        var bytes = lantern("3.3.0", "bad");
        var path = push(token, "one-lantern-3.3.0.tgz", bytes);
        var page = "/npm/lantern@3.3.0";
        Poll.until("the push is recognized", () -> pageExists(page));
        var owner = signedIn(olga);
        var address = "/" + cache + page;
        var declined = owner.post(address, Map.of("key", owner.key(address), "act", "decline", "seen", path));
        assertEquals(303, declined.statusCode(), declined.body());
        assertEquals(
                "/" + cache + "/path/" + path,
                declined.headers().firstValue("Location").orElse(""));
        assertTrue(owner.get("/" + cache + "/path/" + path).body().contains("A maintainer declined it on"));
        push(token, "two-lantern-3.3.0.tgz", bytes);
        push(token, "three-lantern-3.3.1.tgz", lantern("3.3.1", "good"));
        Poll.until("the later push is recognized", () -> pageExists("/npm/lantern@3.3.1"));
        assertFalse(pageExists(page));
        assertTrue(createNpmRunner()
                .run("npm", "view", "lantern@3.3.0")
                .failed()
                .err()
                .contains("E404"));
    }

    @Test
    void onlyMaintainersSeeAndSendTheForm() throws Exception {
        push(token, "a-lantern-3.3.0.tgz", lantern("3.3.0", "x"));
        var page = "/" + cache + "/npm/lantern@3.3.0";
        Poll.until("the push is recognized", () -> pageExists("/npm/lantern@3.3.0"));
        var owner = signedIn(olga);
        var key = owner.key(page);
        var form = Map.of("key", key, "act", "promote");
        var mate = signedIn(Map.of("sub", "mate-" + cache, "preferred_username", "mate-" + cache));
        assertFalse(mate.get(page).body().contains("value=\"promote\""));
        assertEquals(403, mate.post(page, form).statusCode());
        assertEquals(403, new ScriptlessBrowser(server).post(page, form).statusCode());
        assertEquals(403, owner.post(page, Map.of("key", "", "act", "promote")).statusCode());
        assertEquals(403, owner.post(page, form, "Sec-Fetch-Site", "cross-site").statusCode());
        assertEquals(400, owner.post(page, Map.of("key", key, "act", "conquer")).statusCode());
        assertEquals(404, owner.post("/no-such-cache/npm/lantern@3.3.0", form).statusCode());
        assertEquals(403, owner.post("/" + cache + "/npm/lantern@9.9.9", form).statusCode());
        var stale = owner.post(page, Map.of("key", key, "act", "promote", "path", "0".repeat(32)));
        assertEquals(404, stale.statusCode());
        assertTrue(stale.body().contains("id=\"wrong-promote\""), stale.body());
        var settings = "/" + cache + "/settings";
        var publisher = Map.of(
                "key",
                owner.key(settings),
                "act",
                "add-member",
                "kind",
                "person",
                "who",
                "mate-" + cache,
                "role",
                "publisher");
        assertEquals(303, owner.post(settings, publisher).statusCode());
        assertFalse(mate.get(page).body().contains("value=\"promote\""));
        assertTrue(new ScriptlessBrowser(server).get(page).body().contains("is only proposed"));
        assertEquals(303, owner.post(page, form).statusCode());
        assertEquals(303, owner.post(page, form).statusCode());
        var audit = owner.get(settings + "/audit").body();
        assertEquals(2, audit.split("promote npm lantern@3.3.0", -1).length, audit);
    }

    /** Uploads with the owner's token, then yanks and deletes the release with the forms of its page. */
    @Test
    void releasedVersionIsYankedRestoredAndDeletedOnItsPage() throws Exception {
        var publisher = createToken("ci-release", "\"publish\"");
        for (var version : List.of("1.0", "1.1")) {
            var upload = UploadFormFixture.wheel("nx_bell", version);
            var response = server.http.send(
                    server.request("/registry/" + cache + "/pypi/legacy/")
                            .header("Authorization", "Bearer " + publisher)
                            .header("Content-Type", "multipart/form-data; boundary=" + UploadFormFixture.BOUNDARY)
                            .POST(BodyPublishers.ofByteArray(upload.body()))
                            .build(),
                    BodyHandlers.ofString());
            assertEquals(200, response.statusCode(), response.body());
        }
        var owner = signedIn(olga);
        var page = "/" + cache + "/pypi/nx-bell@1.0";
        var key = owner.key(page);
        assertFalse(
                new ScriptlessBrowser(server).get(page).body().contains("Yank 1.0"),
                "only maintainers are shown the form");
        var yank = Map.of("key", key, "act", "withdraw", "reason", "It <rings>.");
        assertEquals(403, new ScriptlessBrowser(server).post(page, yank).statusCode());
        try (var browser = new Browser()) {
            provider.next = olga;
            browser.go(server.uri("/oidc/start?to=" + page));
            browser.value("document.querySelectorAll('aside details').forEach(one => one.open = true)");
            AccessibilityChecker.everyLook(browser, PICTURES, "upkeep");
            browser.type("input[name=reason]", "It <rings>.");
            browser.leave("button[value=withdraw]");
            assertTrue(browser.text().contains("1.0 is yanked. It <rings>."), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "yanked");
        }
        assertTrue(owner.get(page).body().contains("Unyank 1.0"));
        var restored = owner.post(page, Map.of("key", key, "act", "restore"));
        assertEquals(
                page + "?done=restore",
                restored.headers().firstValue("Location").orElse(""));
        assertTrue(owner.get(page + "?done=restore").body().contains("1.0 is available again"));
        var mistyped = owner.post(page, Map.of("key", key, "act", "remove", "confirm", "1.1"));
        assertEquals(400, mistyped.statusCode());
        assertTrue(mistyped.body().contains("ype the version to confirm its deletion."), mistyped.body());
        var removed = owner.post(page, Map.of("key", key, "act", "remove", "confirm", "1.0"));
        assertEquals(303, removed.statusCode(), removed.body());
        assertEquals(
                "/" + cache + "/pypi/nx-bell?done=remove",
                removed.headers().firstValue("Location").orElse(""));
        assertEquals(410, owner.get(page).statusCode());
        assertTrue(owner.get("/" + cache + "/pypi/nx-bell?done=remove").body().contains("The version was deleted."));
    }

    @Test
    void everyStateLooksRightInAllThemesAndWidths() throws Exception {
        var publisher = createToken("ci-release", "\"push\",\"publish\"");
        push(publisher, "old-lantern-3.2.1.tgz", lantern("3.2.1", "old"));
        var repeatedTarball = lantern("3.3.0", "good");
        push(token, "one-lantern-3.3.0.tgz", lantern("3.3.0", "another"));
        awaitBuilds("/npm/lantern@3.3.0", 1);
        push(token, "two-lantern-3.3.0.tgz", repeatedTarball);
        awaitBuilds("/npm/lantern@3.3.0", 2);
        push(token, "three-lantern-3.3.0.tgz", repeatedTarball);
        awaitBuilds("/npm/lantern@3.3.0", 3);
        var page = "/" + cache + "/npm/lantern@3.3.0";
        try (var browser = new Browser()) {
            browser.go(server.uri(page));
            assertTrue(browser.text().contains("3 builds, 2 different results"), browser.text());
            assertTrue(browser.text().contains("Until then npm brings 3.2.1"), browser.text());
            assertEquals(
                    0,
                    browser.value("document.querySelectorAll('main form').length")
                            .asInt());
            AccessibilityChecker.everyLook(browser, PICTURES, "proposed-read");
            provider.next = olga;
            browser.go(server.uri("/oidc/start?to=" + page));
            assertEquals(
                    3,
                    browser.value("document.querySelectorAll('input[type=radio][name=path]').length")
                            .asInt());
            assertEquals(
                    1,
                    browser.value("document.querySelectorAll('input[name=path]:checked').length")
                            .asInt());
            AccessibilityChecker.everyLook(browser, PICTURES, "proposed");
            browser.value("document.querySelector('input[name=path]').value = '" + "0".repeat(32) + "'");
            browser.click("input[name=path]");
            browser.leave("button[value=promote]");
            assertTrue(browser.text().contains("There is no build"), browser.text());
            browser.complaints().clear();
            AccessibilityChecker.everyLook(browser, PICTURES, "proposed-wrong");
            browser.leave("button[value=promote]");
            assertTrue(browser.text().contains("Clients get this"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "promoted");
            browser.leave("button[value=decline]");
            assertTrue(browser.text().contains("The proposal was declined"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "declined-others");
            push(token, "four-lantern-3.4.0.tgz", lantern("3.4.0", "x"));
            awaitBuilds("/npm/lantern@3.4.0", 1);
            browser.go(server.uri("/" + cache + "/npm/lantern@3.4.0"));
            AccessibilityChecker.everyLook(browser, PICTURES, "proposed-one");
            browser.leave("button[value=decline]");
            assertEquals("/" + cache + "/npm/lantern", browser.path());
            AccessibilityChecker.everyLook(browser, PICTURES, "declined");
        }
    }
}
