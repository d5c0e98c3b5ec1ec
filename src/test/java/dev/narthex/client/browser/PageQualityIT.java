package dev.narthex.client.browser;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.AccessibilityChecker;
import dev.narthex.client.support.AwkwardPackagesFixture;
import dev.narthex.client.support.Browser;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.SharedServer;
import dev.narthex.client.support.SmallNar;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Quality rules of all public pages in a real browser: each kind of page in each look, and the ways through them with keys
 * only, without scripts, on paper, and with the few colours of a system's own. Pages of who has signed in are looked at where
 * somebody signs in.
 */
class PageQualityIT {
    private static final Path PICTURES = Path.of("target/pictures");
    private static final List<Integer> WIDTHS = List.of(360, 1280);
    private static final int MAX_FIRST_VIEW = 90 * 1024;
    private static final int MAX_STYLES = 12 * 1024;
    private static final int FOLDER_LIMIT_MILLIS = 100;
    private static final int MAX_SCRIPT = 6 * 1024;

    private static final SharedServer SHARED = SharedServer.instance();
    private static Browser browser;

    @BeforeAll
    static void open() throws Exception {
        AwkwardPackagesFixture.open(SHARED);
        browser = new Browser();
    }

    @AfterAll
    static void close() throws Exception {
        browser.close();
    }

    private static void go(String page) throws Exception {
        browser.go(URI.create(SHARED.server.uri("") + page));
    }

    // ── every kind of page ──

    private static Item item(String name) {
        return CORPUS.items().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> pages() {
        var needing = "/main/path/" + item("python3.13-jinja2-3.1.6").hash();
        var needed = "/main/path/" + item("python3.13-markupsafe-2.1.5").hash();
        var recipe = "/main/path/" + SmallNar.hashPart(item("tree-2.2.1").drvPath());
        var gallery = "/gallery/path/" + SmallNar.hashPart(AwkwardPackagesFixture.TREE) + "/files";
        return Stream.of(
                        "home /",
                        "search /search",
                        "results /search?q=debug",
                        "results-narrowed /search?q=debug&ecosystem=npm&license=MIT",
                        "results-none /search?q=nothing-like-this&ecosystem=npm",
                        "caches /caches",
                        "cache /main",
                        "cache-empty /" + AwkwardPackagesFixture.EMPTY,
                        "listing /main/npm",
                        "npm /main/npm/debug",
                        "npm-long /gallery/npm/" + AwkwardPackagesFixture.LONG_NAME,
                        "pypi /main/pypi/jinja2",
                        "nix /main/nix/tree",
                        "versions /main/npm/debug@latest/versions",
                        "versions-long /gallery/npm/" + AwkwardPackagesFixture.LONG_NAME + "@latest/versions",
                        "dependencies /main/npm/debug@latest/dependencies",
                        "dependencies-long /gallery/npm/" + AwkwardPackagesFixture.LONG_NAME + "@latest/dependencies",
                        "dependents /main/npm/ms@latest/dependents",
                        "files /main/npm/debug@latest/files",
                        "files-gallery " + gallery,
                        "file-empty " + gallery + "/empty",
                        "file-link " + gallery + "/link",
                        "file-text " + gallery + "/code.js",
                        "file-long " + gallery + "/long-" + "name".repeat(40) + ".txt",
                        "file-document " + gallery + "/docs/guide.md",
                        "file-source " + gallery + "/docs/guide.md?source",
                        "file-picture " + gallery + "/pictures/dot.png",
                        "file-drawing " + gallery + "/drawing.svg",
                        "file-binary " + gallery + "/data.bin",
                        "derivation /main/nix/tree@latest/derivation",
                        "provenance /main/npm/debug@latest/provenance",
                        "provenance-nix /main/nix/tree@2.2.1/provenance",
                        "security /main/npm/debug@latest/security",
                        "security-affected /main/npm/lodash@4.17.20/security",
                        "security-nix /main/nix/tree@2.2.1/security",
                        "diff-versions /main/npm/debug@4.3.4/diff/latest",
                        "diff /main/path/" + item("python3.13-markupsafe-2.1.5").hash() + "/diff/"
                                + item("python3.13-jinja2-3.1.6").hash(),
                        "path " + needing,
                        "closure " + needing + "/closure",
                        "why " + needing + "/closure?why="
                                + item("python3.13-markupsafe-2.1.5").hash(),
                        "referrers " + needed + "/referrers",
                        "recipe " + recipe,
                        "log " + recipe + "/log",
                        "docs /docs",
                        "docs-nix /docs/nix",
                        "docs-npm /docs/npm?cache=main",
                        "docs-pypi /docs/pypi",
                        "status /status",
                        "prefs /prefs?to=/main",
                        "signed-out /logged-out",
                        "missing-package /main/npm/debgu",
                        "missing-path /main/path/" + "0".repeat(32),
                        "missing-page /none")
                .map(line -> line.split(" ", 2))
                .map(line -> Arguments.of(line[0], line[1]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void pageLooksRightInAllThemesAndWidths(String kind, String page) throws Exception {
        browser.complaints().clear();
        browser.media("screen", "prefers-color-scheme", "light");
        for (int width : WIDTHS) {
            browser.width(width);
            go(page);
            assertEquals(0, browser.moved(), () -> kind + " moves at " + width);
        }
        long bytes = browser.firstView();
        assertTrue(bytes > 1000 && bytes <= MAX_FIRST_VIEW, () -> kind + " takes " + bytes + " bytes");
        if (kind.startsWith("missing")) {
            // the browser's own line on the status of the page
            browser.complaints().removeIf(line -> line.contains("404"));
        }
        AccessibilityChecker.everyLook(browser, PICTURES, "gate-" + kind);
    }

    @Test
    void layoutShiftWouldBeReported() throws Exception {
        browser.width(1280);
        browser.go(URI.create("data:text/html,%3Cp%3Efirst%3C/p%3E%3Cp%3Esecond%3C/p%3E"));
        browser.value("requestAnimationFrame(() => document.querySelector('p').style.height = '400px')");
        Poll.until("the page has moved", () -> browser.moved() > 0);
    }

    @Test
    void lowContrastInOneThemeWouldBeReported(@TempDir Path pictures) throws Exception {
        browser.go(data("@media (prefers-color-scheme: dark) { p { color: #eee } }", "<p>pale</p>"));
        var error = assertThrows(AssertionError.class, () -> AccessibilityChecker.everyLook(browser, pictures, "pale"));
        assertTrue(error.getMessage().contains("color-contrast"), error.getMessage());
        assertTrue(Files.exists(pictures.resolve("pale-360-dark.png")), "the picture of the look that failed");
    }

    @Test
    void imageThatCannotBeLoadedWouldBeReported(@TempDir Path pictures) throws Exception {
        browser.go(data("img { margin-top: 9000px }", "<img alt='none' loading='lazy' src='data:image/png,none'>"));
        var error = assertThrows(IOException.class, () -> AccessibilityChecker.everyLook(browser, pictures, "image"));
        assertTrue(error.getMessage().contains("cannot be decoded"), error.getMessage());
    }

    private static URI data(String style, String body) {
        var page = "<!doctype html><html lang='en'><title>A page</title><style>" + style
                + "</style><main><h1>A page</h1>" + body + "</main>";
        return URI.create("data:text/html,"
                + URLEncoder.encode(page, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    @Test
    void stylesAndScriptAreSmall() throws Exception {
        go("/");
        var styles = browser.value("performance.getEntriesByName(document.querySelector('[rel=stylesheet]').href)[0]"
                        + ".encodedBodySize")
                .asInt();
        assertTrue(styles > 1000 && styles <= MAX_STYLES, "styles: " + styles);
        var script = browser.value("performance.getEntriesByName(document.querySelector('script[src]').src)[0]"
                        + ".decodedBodySize")
                .asInt();
        assertTrue(script > 1000 && script <= MAX_SCRIPT, "script: " + script);
    }

    /** Measured as a reader waits for it, without what a browser makes of it. */
    @Test
    @Tag("long")
    void folderWith100000FilesOpensQuickly() throws Exception {
        var files = IntStream.range(0, 100_000).boxed().collect(Collectors.toMap("file-%06d.txt"::formatted, i -> ""));
        var crowd = SmallNar.path("crowd-1.0");
        new NixPushClient(SHARED.server, AwkwardPackagesFixture.CACHE).publish(SmallNar.of(files), crowd);
        var page = SHARED.server
                .request("/" + AwkwardPackagesFixture.CACHE + "/path/" + SmallNar.hashPart(crowd) + "/files")
                .header("Accept", "text/html")
                .build();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long begun = System.nanoTime();
            var answer = SHARED.server.http.send(page, BodyHandlers.ofString());
            best = Math.min(best, System.nanoTime() - begun);
            assertTrue(answer.body().contains("file-000999.txt"), answer.body());
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(best);
        assertTrue(millis <= FOLDER_LIMIT_MILLIS, "the first page took " + millis + " ms");
    }

    // ── ways through the site ──

    @Test
    void keyboardReachesAFileFromSearch() throws Exception {
        browser.width(1280);
        go("/");
        write("/debug");
        browser.await("!document.getElementById('suggestions').hidden");
        browser.press("Escape");
        browser.pressToLeave("Enter");
        assertEquals("/search", browser.path());
        assertTrue(browser.text().contains("Exact name"), browser.text());
        write("/debug");
        browser.await("!document.getElementById('suggestions').hidden");
        browser.press("ArrowDown");
        browser.pressToLeave("Enter");
        var first = browser.path();
        assertTrue(first.matches("/main/\\w+/debug"), first);

        go(severalDoors());
        var page = browser.path();
        browser.tabTo("input[name=via]");
        browser.press("ArrowRight");
        assertTrue(browser.value("document.getElementById('via-2').checked").asBoolean(), "the second door is open");
        assertEquals(
                "none",
                browser.value("getComputedStyle(document.querySelector('.d1')).display")
                        .asText());
        browser.tabTo(".d2 n-copy button");
        browser.press("Enter");
        browser.await("document.querySelector('.d2 n-copy[done]')");
        var shown = browser.value("document.querySelector('.d2 pre').innerText").asText();
        assertEquals(shown.replaceFirst("^\\$ ", "").strip(), browser.copied());

        go("/main/npm/debug");
        browser.tabTo(".tabs a[href$='/files']");
        browser.pressToLeave("Enter");
        browser.tabTo(".entries a[href$='/package.json']");
        browser.pressToLeave("Enter");
        assertTrue(browser.text().contains("\"name\": \"debug\""), browser.text());
        assertNotEquals(page, browser.path());
    }

    private static void write(String keys) throws Exception {
        for (var key : keys.split("")) {
            browser.press(key);
        }
    }

    /** A page of a package that more than one client can install. */
    private static String severalDoors() throws Exception {
        for (var name : List.of("debug", "ms", "semver", "lodash")) {
            var page = "/main/npm/" + name;
            var answer = SHARED.server.http.send(
                    SHARED.server.request(page).header("Accept", "text/html").build(), BodyHandlers.ofString());
            if (answer.body().contains("id=\"via-2\"")) {
                return page;
            }
        }
        throw new AssertionError("no package of the test store is there for two clients");
    }

    @Test
    void pagesWorkWithoutScripts() throws Exception {
        browser.width(1280);
        browser.scripts(false);
        try {
            go("/");
            browser.value("document.getElementById('q').focus()");
            write("debug");
            browser.pressToLeave("Enter");
            browser.tabTo(".facets a[href*='ecosystem=npm']");
            browser.pressToLeave("Enter");
            assertTrue(browser.value("location.search").asText().contains("ecosystem=npm"), browser.path());
            browser.tabTo(".hit h2 a");
            browser.pressToLeave("Enter");
            assertEquals("/main/npm/debug", browser.path());
            assertEquals(
                    0,
                    browser.value("document.querySelectorAll('n-copy button').length")
                            .asInt());
            browser.tabTo(".tabs a[href$='/files']");
            browser.pressToLeave("Enter");
            browser.tabTo(".entries a[href$='/package.json']");
            browser.pressToLeave("Enter");
            browser.tabTo(".file a[href$='?raw']");
            browser.pressToLeave("Enter");
            assertTrue(browser.text().contains("\"name\": \"debug\""), browser.text());
            go("/main#npm");
            assertEquals(
                    "none",
                    browser.value("getComputedStyle(document.getElementById('nix')).display")
                            .asText());
            assertEquals(
                    "grid",
                    browser.value("getComputedStyle(document.getElementById('npm')).display")
                            .asText());
        } finally {
            browser.scripts(true);
        }
    }

    @Test
    void chosenThemeIsInTheInitialHtml() throws Exception {
        browser.media("screen", "prefers-color-scheme", "light");
        go("/main");
        var light = ground();
        go("/prefs?to=/main");
        browser.tabTo("button[value=dark]");
        browser.pressToLeave("Enter");
        assertEquals("/main", browser.path());
        var dark = ground();
        assertNotEquals(light, dark);
        var visitor = new ScriptlessBrowser(SHARED.server);
        visitor.post("/prefs", Map.of("theme", "dark", "to", "/main"));
        var html = visitor.get("/main").body();
        var head = html.substring(0, html.indexOf("<head>"));
        assertTrue(head.getBytes(StandardCharsets.UTF_8).length < 200 && head.contains("data-theme=\"dark\""), head);
        browser.media("screen", "prefers-color-scheme", "dark");
        go("/prefs?to=/main");
        browser.tabTo("button[value=light]");
        browser.pressToLeave("Enter");
        assertEquals(light, ground());
        go("/prefs?to=/main");
        browser.tabTo("button[value='']");
        browser.pressToLeave("Enter");
        assertEquals(dark, ground());
    }

    private static String ground() throws Exception {
        return browser.value("getComputedStyle(document.body).backgroundColor").asText();
    }

    @Test
    void printedPagesAreReadable() throws Exception {
        browser.width(1280);
        go(severalDoors());
        browser.media("print", "prefers-color-scheme", "light");
        AccessibilityChecker.picture(browser, PICTURES.resolve("print-package.png"));
        assertEquals("none", display(".mast"));
        assertEquals("none", display(".tabs"));
        assertEquals("none", display(".foot"));
        assertEquals(
                0,
                browser.value("[...document.querySelectorAll('.doors .panel')]"
                                + ".filter(panel => getComputedStyle(panel).display == 'none').length")
                        .asInt());
        assertTrue(
                browser.value("getComputedStyle(document.querySelector('main a[href^=http]'), '::after').content")
                        .asText()
                        .contains("http"),
                "targets of links are printed");
        go("/main/npm");
        AccessibilityChecker.picture(browser, PICTURES.resolve("print-listing.png"));
        assertEquals("none", display(".facets"));
        browser.media("screen", "prefers-color-scheme", "light");
        assertNotEquals("none", display(".mast"));
    }

    private static String display(String selector) throws Exception {
        return browser.value("getComputedStyle(document.querySelector('" + selector + "')).display")
                .asText();
    }

    @Test
    void currentLocationIsVisibleInForcedColors() throws Exception {
        browser.width(1280);
        browser.media("screen", "forced-colors", "active");
        for (var page : List.of("/", "/main/npm/debug", "/search?q=debug&ecosystem=npm", "/main")) {
            go(page);
            browser.fits();
            AccessibilityChecker.picture(browser, PICTURES.resolve("forced" + page.replaceAll("\\W", "-") + ".png"));
        }
        go("/main/npm/debug@latest/versions");
        var line = "getComputedStyle(document.querySelector('%s')).borderBlockEndColor";
        assertNotEquals(
                browser.value(line.formatted(".tabs a:not([aria-current])")).asText(),
                browser.value(line.formatted(".tabs [aria-current]")).asText());
        browser.media("screen", "prefers-color-scheme", "light");
    }
}
