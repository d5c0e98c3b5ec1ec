package dev.narthex.web.search;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.PackageSearchIndex;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.store.DedupDomains;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Search over HTTP, for paths that were pushed and recognized. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SearchPagesTest {
    private static final String OPEN = "finder";
    private static final String HIDDEN = "finder-vault";

    private static boolean filled;

    @Inject
    CacheCatalog caches;

    @Inject
    DedupDomains domains;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    ChangeLog changes;

    @Inject
    PackageSearchIndex index;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            QuarkusTransaction.requiringNew().run(() -> {
                caches.create(OPEN, "", true, domains.create());
                caches.create(HIDDEN, "", false, domains.create());
            });
            var shelf = new PortalFixture(OPEN, recognition);
            shelf.put(PortalFixture.path("sextant-2.0"), SearchPagesTest::tree, Optional.empty());
            shelf.put(
                    PortalFixture.path("sextant-charts-1.0.0.tgz"),
                    npm("sextant-charts", "Star charts for a <b>sextant</b>", "MIT"),
                    Optional.empty());
            shelf.put(
                    PortalFixture.path("astrolabe-1.0.0.tgz"),
                    npm("astrolabe", "Older than the sextant", "ISC"),
                    Optional.empty());
            shelf.put(PortalFixture.path("star-tables-1.0.0.tgz"), PortalFixture.file(CHARTS), Optional.empty());
            shelf.put(
                    PortalFixture.path("night_sky-1.0-py3-none-any.whl"),
                    PortalFixture.file(wheel()),
                    Optional.empty());
            new PortalFixture(HIDDEN, recognition)
                    .put(PortalFixture.path("sextant-secret-1.0.0.tgz"), PortalFixture.file(SECRET), Optional.empty());
        }
        IndexWaiter.await(index, changes);
    }

    private static void tree(NarWriter nar) throws IOException {
        nar.directory(new byte[0]);
        nar.directory("bin".getBytes(StandardCharsets.UTF_8));
        PortalFixture.file(nar, "noon-sight", "#!/bin/sh\n");
        nar.endDirectory();
        nar.endDirectory();
    }

    private static PortalFixture.Content npm(String name, String summary, String licence) {
        return PortalFixture.file(PortalFixture.tarball(
                "package.json",
                "{\"name\":\"%s\",\"version\":\"1.0.0\",\"description\":\"%s\",\"license\":\"%s\"}"
                        .formatted(name, summary, licence)));
    }

    private static final byte[] CHARTS = PortalFixture.tarball("package.json", """
            {"name":"star-tables","version":"1.0.0","description":"Parsers of tables","license":"0BSD",
            "keywords":["Astronomy"],"bin":{"polaris":"x.js"}}""");

    private static final byte[] SECRET = PortalFixture.tarball("package.json", """
            {"name":"sextant-secret","version":"1.0.0","description":"hidden","license":"WTFPL"}""");

    private static byte[] wheel() {
        var files = new LinkedHashMap<String, String>();
        files.put("firmament/__init__.py", "");
        files.put("zenith.py", "");
        var info = "night_sky-1.0.dist-info/";
        files.put(info + "METADATA", "Metadata-Version: 2.1\nName: night-sky\nVersion: 1.0\nSummary: At night\n");
        files.put(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
        files.put(info + "entry_points.txt", "[console_scripts]\nlook-up = firmament:main\n");
        var record = new StringBuilder();
        files.forEach((name, text) -> record.append(name + ",sha256=" + digest(text) + "," + text.length() + "\n"));
        files.put(info + "RECORD", record + info + "RECORD,,\n");
        return PortalFixture.zip(files.entrySet().stream()
                .flatMap(file -> Stream.of(file.getKey(), file.getValue()))
                .toArray(String[]::new));
    }

    private static String digest(String text) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                        NixHash.sha256(text.getBytes(StandardCharsets.UTF_8)).bytes());
    }

    private static ValidatableResponse page(String address) {
        return given().urlEncodingEnabled(false)
                .header("Accept", "text/html")
                .get(address)
                .then();
    }

    private static ValidatableResponse twin(String address) {
        return given().urlEncodingEnabled(false).get("/api" + address).then().statusCode(200);
    }

    @Test
    void nameMatchesRankFirstAndFiltersHaveCounts() {
        twin("/search?q=sextant&cache=finder")
                .body("hits.name", equalTo(List.of("sextant", "sextant-charts", "astrolabe")))
                .body("exact", equalTo(true))
                .body("index.answered", equalTo(true))
                .body("groups.find { it.kind == 'ecosystem' }.filters.label", hasItems("Nix", "npm"))
                .body("groups.find { it.kind == 'ecosystem' }.filters.find { it.label == 'npm' }.count", equalTo(2))
                .body("groups.find { it.kind == 'license' }.filters.label", hasItems("MIT", "ISC"));
        page("/search?q=sextant&cache=finder&license=ISC")
                .statusCode(200)
                .body(containsString("/finder/npm/astrolabe"))
                .body(not(containsString("/finder/npm/sextant-charts")))
                .body(containsString("href=\"/search?q=sextant&amp;cache=finder\""))
                .body(containsString("Sort by"));
        page("/search?q=charts&cache=finder").body(not(containsString("<b>sextant")));
    }

    @Test
    void packageContentIsFound() {
        twin("/search?q=noon-sight&cache=finder").body("hits.name", equalTo(List.of("sextant")));
        twin("/search?q=file:bin/noon-sight&cache=finder").body("hits.name", equalTo(List.of("sextant")));
        for (var inside : List.of("polaris", "file:bin/polaris")) {
            twin("/search?q=" + inside + "&cache=finder").body("hits.name", equalTo(List.of("star-tables")));
        }
        for (var inside : List.of("look-up", "firmament", "zenith", "file:zenith.py", "file:site-packages/firmament")) {
            twin("/search?q=" + inside + "&cache=finder").body("hits.name", equalTo(List.of("night-sky")));
        }
    }

    @Test
    void privateCacheIsNotSearched() {
        page("/search?q=sextant").body(not(containsString("sextant-secret"))).body(not(containsString("WTFPL")));
        page("/search?q=sextant-secret&cache=finder-vault").body(not(containsString("finder-vault/npm")));
        given().get("/suggest?q=sext").then().body("[1]", not(hasItem("sextant-secret")));
        given().get("/suggest?q=sext&cache=finder-vault").then().body("[1]", hasSize(0));
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .get("/suggest?q=sext&cache=finder-vault")
                .then()
                .body("[1]", equalTo(List.of("sextant-secret")));
        page("/finder/npm/sextant-secrt").body(not(containsString("sextant-secret")));
    }

    /** Except for names of caches, the response about a hidden package equals that about an absent one. */
    @Test
    void privateCacheIsAnsweredAsAbsent() {
        for (var question : List.of(
                "/search?q=sextant-secret&cache=%s",
                "/search?q=&cache=%s&license=WTFPL",
                "/search?q=sextant&cache=%s&ecosystem=npm",
                "/suggest?q=sextant-s&cache=%s",
                "/%s/npm",
                "/%s/npm?license=WTFPL",
                "/%s/npm/sextant-secrt")) {
            assertEquals(answer(question, "no-such-vault"), answer(question, HIDDEN), question);
        }
        var hidden = PortalFixture.path("sextant-secret-1.0.0.tgz");
        var secret = NixHash.sha256(SECRET);
        for (var pasted : List.of(
                hidden.hash(),
                secret.hex(),
                secret.toString(),
                "http://127.0.0.1:8080/finder-vault/npm/sextant-secret",
                "sextant-secret")) {
            page("/search?q=" + pasted).statusCode(200).body(not(containsString("href=\"/finder-vault")));
            page("/search?q=" + pasted).body(not(containsString("WTFPL")));
        }
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .redirects()
                .follow(false)
                .get("/search?q=" + secret.hex())
                .then()
                .statusCode(303)
                .header("Location", endsWith("/finder-vault/npm/sextant-secret@1.0.0"));
    }

    private static String answer(String question, String cache) {
        var answer = given().header("Accept", "text/html").get(question.formatted(cache));
        return answer.statusCode() + " " + answer.body().asString().replace(cache, "CACHE");
    }

    @Test
    void digestsAndUrlsRedirectToTheirPages() throws IOException {
        var bytes = CHARTS;
        var sha256 = NixHash.sha256(bytes);
        var sha512 = NixHash.of(
                HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(bytes));
        for (var text : List.of(
                sha256.hex(),
                sha256.hex().toUpperCase(Locale.ROOT),
                "sha256:" + sha256.hex(),
                "finder/star-tables@sha256:" + sha256.hex(),
                sha256.nix32(),
                sha256.toString(),
                sha256.sri(),
                sha512.hex(),
                sha512.sri(),
                sha512.nix32())) {
            moves(text, "/finder/npm/star-tables@1.0.0");
        }
        var path = PortalFixture.path("star-tables-1.0.0.tgz");
        var info =
                NarInfo.parse(given().get("/finder/" + path.hash() + ".narinfo").asString());
        for (var text : List.of(
                path.toString(),
                path.hash(),
                info.narHash().toString(),
                info.narHash().hex(),
                info.fileHash().orElseThrow().toString(),
                info.fileHash().orElseThrow().nix32())) {
            moves(text, "/finder/path/" + path.hash());
        }
        var site = ConfigProvider.getConfig().getValue("narthex.url", String.class);
        moves(site + "/finder/npm/star-tables@1.0.0/files?x=1#L2", "/finder/npm/star-tables@1.0.0/files?x=1#L2");
        page("/search?q=" + "0".repeat(64)).statusCode(200);
        page("/search?q=https://elsewhere.example/finder/npm/star-tables").statusCode(200);
    }

    private static void moves(String text, String page) {
        given().redirects()
                .follow(false)
                .queryParam("q", text)
                .get("/search")
                .then()
                .statusCode(303)
                .header("Location", endsWith(page));
    }

    @Test
    void listingsAreFilteredAndSortedLikeSearch() {
        twin("/finder/npm?license=ISC")
                .body("hits.name", equalTo(List.of("astrolabe")))
                .body("groups.find { it.kind == 'license' }.filters.label", hasItems("MIT", "ISC", "0BSD"))
                .body("groups.kind", not(hasItem("ecosystem")))
                .body("clearUrl", equalTo("/finder/npm"));
        twin("/finder/npm?keyword=astronomy&sort=downloads")
                .body("hits.name", equalTo(List.of("star-tables")))
                .body("sort", equalTo("downloads"));
        twin("/finder/npm").body("hits.name", equalTo(List.of("astrolabe", "sextant-charts", "star-tables")));
        page("/finder/npm?license=ISC&keyword=astronomy")
                .statusCode(200)
                .body(containsString("No package matches all filters"), containsString("Clear all"));
        page("/finder/npm?license=ISC").body(containsString("noindex"));
    }

    @Test
    void resultsWithFewerFiltersAreOffered() {
        twin("/search?q=sextant&cache=finder&license=GPL&keyword=astronomy")
                .body("hits", hasSize(0))
                .body("fewer.find { it.kind == 'license' }", equalTo(null))
                .body("fewer.find { it.kind == '' }.count", greaterThanOrEqualTo(3))
                .body("fewer.find { it.kind == '' }.url", equalTo("/search?q=sextant"));
        twin("/search?q=sextant&cache=finder&license=GPL")
                .body("fewer.find { it.kind == 'license' }.count", equalTo(3))
                .body("fewer.find { it.kind == 'license' }.url", equalTo("/search?q=sextant&cache=finder"));
        page("/search?q=sextant&cache=finder&license=GPL").body(containsString("Any License"));
    }

    @Test
    void matchesAreHighlighted() {
        page("/search?q=parser+tables&cache=finder")
                .body(
                        containsString("<mark>Parsers</mark> of <mark>tables</mark>"),
                        containsString("star-<mark>tables</mark>"));
        page("/search?q=sextant+chart&cache=finder")
                .body(containsString("Star <mark>charts</mark> for a &lt;b&gt;<mark>sextant</mark>&lt;/b&gt;"));
    }

    @Test
    void suggestionsAreInOpenSearchFormat() {
        given().get("/suggest?q=sext&cache=finder")
                .then()
                .statusCode(200)
                .contentType("application/x-suggestions+json")
                .header("Cache-Control", "private, max-age=60")
                .body("[0]", equalTo("sext"))
                .body("[1]", equalTo(List.of("sextant", "sextant-charts")))
                .body("[2]", hasItem(containsString("Star charts")))
                .body("[3]", everyItem(startsWith("http")));
        given().get("/suggest").then().statusCode(200).body("[1]", hasSize(0));
        given().get("/opensearch.xml").then().body(containsString("/suggest?q={searchTerms}"));
    }

    @Test
    void typoIsCorrectedAndReported() {
        page("/search?q=sextnat&cache=finder")
                .body(allOf(containsString("Showing similar spellings"), containsString("/finder/nix/sextant")));
        page("/search?q=sxtnt&cache=finder")
                .body(containsString("Nothing matches"), containsString("/finder/nix/sextant"));
        page("/search?q=sextant&cache=finder&system=none")
                .body(containsString("No package matches"), containsString("Remove this filter"));
        page("/search?q=&cache=finder").body(containsString("5 packages"));
    }

    @Test
    void pageNumbersAreLimited() {
        page("/search?q=sextant&page=51").statusCode(400).body(containsString("Narrow the search"));
        page("/search?q=sextant&page=50").statusCode(404);
    }
}
