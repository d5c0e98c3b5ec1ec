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
 * Quality rules of all public pages in a real browser: each kind of page in all themes and widths, and the use with the
 * keyboard only, without scripts, in print, and with forced colors. Pages of signed-in people are checked in the tests of
 * sign-in.
 */
class PageQualityIT {
    private static final Path PICTURES = Path.of("target/pictures");
    private static final List<Integer> WIDTHS = List.of(360, 1280);
    private static final int MAX_FIRST_VIEW_BYTES = 90 * 1024;
    private static final int MAX_STYLES_BYTES = 12 * 1024;
    private static final int MAX_FOLDER_MILLIS = 100;
    private static final int MAX_SCRIPT_BYTES = 6 * 1024;

    private static final SharedServer SHARED = SharedServer.instance();
    private static Browser browser;

    @BeforeAll
    static void openBrowser() throws Exception {
        AwkwardPackagesFixture.open(SHARED);
        browser = new Browser();
    }

    @AfterAll
    static void closeBrowser() throws Exception {
        browser.close();
    }

    private static void openPage(String page) throws Exception {
        browser.go(URI.create(SHARED.server.uri("") + page));
    }

    // ── every kind of page ──

    private static Item corpusItem(String name) {
        return CORPUS.items().stream()
                .filter(item -> item.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    static Stream<Arguments> pages() {
        var dependentPage =
                "/main/path/" + corpusItem("python3.13-jinja2-3.1.6").hash();
        var dependencyPage =
                "/main/path/" + corpusItem("python3.13-markupsafe-2.1.5").hash();
        var derivation =
                "/main/path/" + SmallNar.hashPart(corpusItem("tree-2.2.1").drvPath());
        var galleryFiles = "/gallery/path/" + SmallNar.hashPart(AwkwardPackagesFixture.TREE) + "/files";
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
                        "files-gallery " + galleryFiles,
                        "file-empty " + galleryFiles + "/empty",
                        "file-link " + galleryFiles + "/link",
                        "file-text " + galleryFiles + "/code.js",
                        "file-long " + galleryFiles + "/long-" + "name".repeat(40) + ".txt",
                        "file-document " + galleryFiles + "/docs/guide.md",
                        "file-source " + galleryFiles + "/docs/guide.md?source",
                        "file-picture " + galleryFiles + "/pictures/dot.png",
                        "file-drawing " + galleryFiles + "/drawing.svg",
                        "file-binary " + galleryFiles + "/data.bin",
                        "derivation /main/nix/tree@latest/derivation",
                        "provenance /main/npm/debug@latest/provenance",
                        "provenance-nix /main/nix/tree@2.2.1/provenance",
                        "security /main/npm/debug@latest/security",
                        "security-affected /main/npm/lodash@4.17.20/security",
                        "security-nix /main/nix/tree@2.2.1/security",
                        "diff-versions /main/npm/debug@4.3.4/diff/latest",
                        "diff /main/path/"
                                + corpusItem("python3.13-markupsafe-2.1.5").hash() + "/diff/"
                                + corpusItem("python3.13-jinja2-3.1.6").hash(),
                        "path " + dependentPage,
                        "closure " + dependentPage + "/closure",
                        "why " + dependentPage + "/closure?why="
                                + corpusItem("python3.13-markupsafe-2.1.5").hash(),
                        "referrers " + dependencyPage + "/referrers",
                        "recipe " + derivation,
                        "log " + derivation + "/log",
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
            openPage(page);
            assertEquals(0, browser.moved(), () -> kind + " has a layout shift at width " + width);
        }
        long bytes = browser.firstView();
        assertTrue(bytes > 1000 && bytes <= MAX_FIRST_VIEW_BYTES, () -> kind + " takes " + bytes + " bytes");
        if (kind.startsWith("missing")) {
            // the browser itself reports the status of the page
            browser.complaints().removeIf(line -> line.contains("404"));
        }
        AccessibilityChecker.everyLook(browser, PICTURES, "gate-" + kind);
    }

    @Test
    void layoutShiftIsReported() throws Exception {
        browser.width(1280);
        browser.go(URI.create("data:text/html,%3Cp%3Efirst%3C/p%3E%3Cp%3Esecond%3C/p%3E"));
        Poll.until("the layout shift is reported", () -> {
            // again each time: a shift before the first paint is not reported
            browser.value(
                    "requestAnimationFrame(() => { const { style } = document.querySelector('p'); style.height = style.height ? '' : '400px'; })");
            return browser.moved() > 0;
        });
    }

    @Test
    void lowContrastInOneThemeIsReported(@TempDir Path pictures) throws Exception {
        browser.go(dataUrl("@media (prefers-color-scheme: dark) { p { color: #eee } }", "<p>pale</p>"));
        var error = assertThrows(AssertionError.class, () -> AccessibilityChecker.everyLook(browser, pictures, "pale"));
        assertTrue(error.getMessage().contains("color-contrast"), error.getMessage());
        assertTrue(
                Files.exists(pictures.resolve("pale-360-dark.png")),
                "a screenshot of the failed theme and width is saved");
    }

    @Test
    void unreadableImageIsReported(@TempDir Path pictures) throws Exception {
        browser.go(dataUrl("img { margin-top: 9000px }", "<img alt='none' loading='lazy' src='data:image/png,none'>"));
        var error = assertThrows(IOException.class, () -> AccessibilityChecker.everyLook(browser, pictures, "image"));
        assertTrue(error.getMessage().contains("cannot be decoded"), error.getMessage());
    }

    private static URI dataUrl(String style, String body) {
        var page = "<!doctype html><html lang='en'><title>A page</title><style>" + style
                + "</style><main><h1>A page</h1>" + body + "</main>";
        return URI.create("data:text/html,"
                + URLEncoder.encode(page, StandardCharsets.UTF_8).replace("+", "%20"));
    }

    @Test
    void stylesAndScriptAreSmall() throws Exception {
        openPage("/");
        var styles = browser.value("performance.getEntriesByName(document.querySelector('[rel=stylesheet]').href)[0]"
                        + ".encodedBodySize")
                .asInt();
        assertTrue(styles > 1000 && styles <= MAX_STYLES_BYTES, "styles: " + styles);
        var script = browser.value("performance.getEntriesByName(document.querySelector('script[src]').src)[0]"
                        + ".decodedBodySize")
                .asInt();
        assertTrue(script > 1000 && script <= MAX_SCRIPT_BYTES, "script: " + script);
    }

    /** Measures the time until a client has the page, without rendering. */
    @Test
    @Tag("long")
    void folderWith100000FilesOpensQuickly() throws Exception {
        var files = IntStream.range(0, 100_000).boxed().collect(Collectors.toMap("file-%06d.txt"::formatted, i -> ""));
        var crowdedPath = SmallNar.path("crowd-1.0");
        new NixPushClient(SHARED.server, AwkwardPackagesFixture.CACHE).publish(SmallNar.of(files), crowdedPath);
        var page = SHARED.server
                .request("/" + AwkwardPackagesFixture.CACHE + "/path/" + SmallNar.hashPart(crowdedPath) + "/files")
                .header("Accept", "text/html")
                .build();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long start = System.nanoTime();
            var response = SHARED.server.http.send(page, BodyHandlers.ofString());
            best = Math.min(best, System.nanoTime() - start);
            assertTrue(response.body().contains("file-000999.txt"), response.body());
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(best);
        assertTrue(millis <= MAX_FOLDER_MILLIS, "the first page of the folder took " + millis + " ms");
    }

    // ── navigation ──

    @Test
    void keyboardReachesAFileFromSearch() throws Exception {
        browser.width(1280);
        openPage("/");
        typeKeys("/debug");
        browser.await("!document.getElementById('suggestions').hidden");
        browser.press("Escape");
        browser.pressToLeave("Enter");
        assertEquals("/search", browser.path());
        assertTrue(browser.text().contains("Exact name"), browser.text());
        typeKeys("/debug");
        browser.await("!document.getElementById('suggestions').hidden");
        browser.press("ArrowDown");
        browser.pressToLeave("Enter");
        var first = browser.path();
        assertTrue(first.matches("/main/\\w+/debug"), first);

        openPage(findPageWithSeveralInstallTabs());
        var packagePage = browser.path();
        browser.tabTo("input[name=via]");
        browser.press("ArrowRight");
        assertTrue(browser.value("document.getElementById('via-2').checked").asBoolean(), "the second tab is selected");
        assertEquals(
                "none",
                browser.value("getComputedStyle(document.querySelector('.d1')).display")
                        .asText());
        browser.tabTo(".d2 n-copy button");
        browser.press("Enter");
        browser.await("document.querySelector('.d2 n-copy[done]')");
        var command =
                browser.value("document.querySelector('.d2 pre').innerText").asText();
        assertEquals(command.replaceFirst("^\\$ ", "").strip(), browser.copied());

        openPage("/main/npm/debug");
        browser.tabTo(".tabs a[href$='/files']");
        browser.pressToLeave("Enter");
        browser.tabTo(".entries a[href$='/package.json']");
        browser.pressToLeave("Enter");
        assertTrue(browser.text().contains("\"name\": \"debug\""), browser.text());
        assertNotEquals(packagePage, browser.path());
    }

    private static void typeKeys(String keys) throws Exception {
        for (var key : keys.split("")) {
            browser.press(key);
        }
    }

    /** The page of a package that several clients can install. */
    private static String findPageWithSeveralInstallTabs() throws Exception {
        for (var name : List.of("debug", "ms", "semver", "lodash")) {
            var page = "/main/npm/" + name;
            var response = SHARED.server.http.send(
                    SHARED.server.request(page).header("Accept", "text/html").build(), BodyHandlers.ofString());
            if (response.body().contains("id=\"via-2\"")) {
                return page;
            }
        }
        throw new AssertionError("no package of the test store can be installed by two clients");
    }

    @Test
    void pagesWorkWithoutScripts() throws Exception {
        browser.width(1280);
        browser.scripts(false);
        try {
            openPage("/");
            browser.value("document.getElementById('q').focus()");
            typeKeys("debug");
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
            openPage("/main#npm");
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
        openPage("/main");
        var light = readBackgroundColor();
        openPage("/prefs?to=/main");
        browser.tabTo("button[value=dark]");
        browser.pressToLeave("Enter");
        assertEquals("/main", browser.path());
        var dark = readBackgroundColor();
        assertNotEquals(light, dark);
        var visitor = new ScriptlessBrowser(SHARED.server);
        visitor.post("/prefs", Map.of("theme", "dark", "to", "/main"));
        var html = visitor.get("/main").body();
        var head = html.substring(0, html.indexOf("<head>"));
        assertTrue(head.getBytes(StandardCharsets.UTF_8).length < 200 && head.contains("data-theme=\"dark\""), head);
        browser.media("screen", "prefers-color-scheme", "dark");
        openPage("/prefs?to=/main");
        browser.tabTo("button[value=light]");
        browser.pressToLeave("Enter");
        assertEquals(light, readBackgroundColor());
        openPage("/prefs?to=/main");
        browser.tabTo("button[value='']");
        browser.pressToLeave("Enter");
        assertEquals(dark, readBackgroundColor());
    }

    private static String readBackgroundColor() throws Exception {
        return browser.value("getComputedStyle(document.body).backgroundColor").asText();
    }

    @Test
    void printedPagesAreReadable() throws Exception {
        browser.width(1280);
        openPage(findPageWithSeveralInstallTabs());
        browser.media("print", "prefers-color-scheme", "light");
        AccessibilityChecker.picture(browser, PICTURES.resolve("print-package.png"));
        assertEquals("none", readDisplay(".mast"));
        assertEquals("none", readDisplay(".tabs"));
        assertEquals("none", readDisplay(".foot"));
        assertEquals(
                0,
                browser.value("[...document.querySelectorAll('.doors .panel')]"
                                + ".filter(panel => getComputedStyle(panel).display == 'none').length")
                        .asInt());
        assertTrue(
                browser.value("getComputedStyle(document.querySelector('main a[href^=http]'), '::after').content")
                        .asText()
                        .contains("http"),
                "link targets are printed");
        openPage("/main/npm");
        AccessibilityChecker.picture(browser, PICTURES.resolve("print-listing.png"));
        assertEquals("none", readDisplay(".facets"));
        browser.media("screen", "prefers-color-scheme", "light");
        assertNotEquals("none", readDisplay(".mast"));
    }

    private static String readDisplay(String selector) throws Exception {
        return browser.value("getComputedStyle(document.querySelector('" + selector + "')).display")
                .asText();
    }

    @Test
    void currentLocationIsVisibleInForcedColors() throws Exception {
        browser.width(1280);
        browser.media("screen", "forced-colors", "active");
        for (var page : List.of("/", "/main/npm/debug", "/search?q=debug&ecosystem=npm", "/main")) {
            openPage(page);
            browser.fits();
            AccessibilityChecker.picture(browser, PICTURES.resolve("forced" + page.replaceAll("\\W", "-") + ".png"));
        }
        openPage("/main/npm/debug@latest/versions");
        var line = "getComputedStyle(document.querySelector('%s')).borderBlockEndColor";
        assertNotEquals(
                browser.value(line.formatted(".tabs a:not([aria-current])")).asText(),
                browser.value(line.formatted(".tabs [aria-current]")).asText());
        browser.media("screen", "prefers-color-scheme", "light");
    }
}
