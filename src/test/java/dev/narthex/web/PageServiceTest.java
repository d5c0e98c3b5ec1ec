package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.PageLayout;
import dev.narthex.web.page.Templates;
import dev.narthex.web.support.PortalFixture;
import dev.narthex.web.view.HomeView;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages and their JSON twins over HTTP, for paths pushed like nix does. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PageServiceTest extends PageServiceSetup {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/caches",
                "/search?q=lantern",
                "/gallery",
                "/gallery/nix",
                "/gallery/nix?sort=newest&page=1",
                "/gallery/nix/lantern",
                "/gallery/nix/lantern@3.2.1",
                "/gallery/nix/lantern@latest/versions",
                "/gallery/nix/lantern@3.2.1/dependencies",
                "/gallery/nix/lantern@3.2.1/dependents",
                "/gallery/nix/lantern@3.2.1/files",
                "/gallery/nix/lantern@3.2.1/files/README",
                "/gallery/nix/lantern@3.2.1/derivation",
                "/gallery/nix/lantern@3.2.1/provenance",
                "/gallery/nix/lantern@3.2.1/security",
                "/gallery/npm/skiff@1.0.0/security",
                "/gallery/npm/wick@2.0.0/provenance",
                "/gallery/npm/wick",
                "/gallery/npm/skiff",
                "/gallery/npm/skiff@1.0.0/dependencies",
                "/gallery/npm/tub@latest/versions",
                "/gallery/npm/wick@2.0.0/files",
                "/gallery/npm/wick@2.0.0/files/package/notes.md",
                "/gallery/pypi/candle-stick@1.0/files/candle_stick/__init__.py",
                "PATH",
                "PATH/closure",
                "PATH/referrers",
                "PATH/files",
                "PATH/files/bin/lit",
                "PATH/files/z%FF",
                "PATH/files/deep/deeper/guide.md",
                "PATH/files/deep/deeper/guide.md?source",
                "PATH/files/picture.svg",
                "PATH/files/picture.svg?source",
                "PATH/derivation",
                "PATH/log",
            })
    void everyPageIsHtmlUnderAStrictPolicyAndHasAJsonTwin(String template) {
        var path = template.replace("PATH", "/gallery/path/" + LANTERN.hash());
        var html = page(path)
                .statusCode(200)
                .contentType(startsWith("text/html"))
                .header("Content-Security-Policy", startsWith("default-src 'none'; style-src 'self';"))
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "same-origin")
                .header("Cache-Control", "no-cache")
                .header("ETag", startsWith("W/\""))
                .extract();
        var text = html.asString();
        assertTrue(!text.contains(SCRIPT) && !text.contains("NOT_FOUND") && !text.contains("javascript:"), text);
        assertTrue(text.contains("href=\"/api" + path.replace("&", "&amp;") + "\""), text);
        browser().header("If-None-Match", html.header("ETag")).get(path).then().statusCode(304);
        given().urlEncodingEnabled(false)
                .get("/api" + path)
                .then()
                .statusCode(200)
                .contentType("application/json");
    }

    @Test
    void homeCountsVisiblePackagesOnly() {
        var open = given().get("/api/").then().extract();
        var all = given().header("Authorization", "Bearer " + PortalFixture.token())
                .get("/api/")
                .then()
                .extract();
        assertTrue(open.<Integer>path("held.paths") > 5 && open.<Integer>path("held.packages") > 5, open.asString());
        assertTrue(open.<Integer>path("held.caches") < all.<Integer>path("held.caches"), open.asString());
        page("/").body(containsString(Format.count(open.<Integer>path("held.paths")) + " store paths"));
        page("/caches").body(containsString(", last push "));
    }

    @Test
    void emptyServerExplainsHowToCreateACache() {
        var nothing =
                new HomeView(Optional.empty(), new HomeView.StoreTotals(0, 0, 0), List.of(), List.of(), List.of());
        var frame = new PageLayout("/", "", "", PageLayout.AlternateForms.NONE, PageLayout.SignInState.NONE);
        var html = Templates.home(frame, nothing, List.of(), "https://narthex.example.org")
                .render();
        assertTrue(html.contains("_api/<wbr>v1/<wbr>caches <span class=\"k\">-d</span>"), html);
        assertTrue(html.contains("'{\"name\": \"main\", \"public\": true}'"), html);
        assertTrue(html.contains("<wbr>narthex.example.org/main?compression=zstd'"), html);
    }

    @Test
    void headIsLikeGetWithoutABody() {
        browser()
                .head("/gallery")
                .then()
                .statusCode(200)
                .contentType(startsWith("text/html"))
                .header("Content-Length", notNullValue());
    }

    @Test
    void privateCacheAnswersAsAbsent() {
        var secret = page("/" + VAULT + "/path/" + SECRET.hash())
                .statusCode(404)
                .extract()
                .asString();
        var absent = page("/gallery-ghost/path/" + SECRET.hash())
                .statusCode(404)
                .extract()
                .asString();
        assertEquals(absent.replace("gallery-ghost", VAULT), secret);
        page("/search?q=secret").body(not(containsString(SECRET.hash())));
        page("/search?q=" + SECRET.hash()).statusCode(200);
        page("/").body(not(containsString(VAULT)));
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get("/" + VAULT + "/path/" + SECRET.hash())
                .then()
                .statusCode(200);
    }

    @Test
    void searchFieldRedirectsPathsHashesAndUrls() {
        var target = "/gallery/path/" + LANTERN.hash();
        for (var text :
                new String[] {LANTERN.toString(), LANTERN.hash(), LANTERN.baseName(), LANTERN.hash() + ".narinfo"}) {
            page("/search?q=" + text.replace("/", "%2F")).statusCode(303).header("Location", containsString(target));
        }
        page("/search?q=%25").statusCode(200);
        page("/search?q=lantren&cache=gallery")
                .body(containsString("Showing similar spellings"), containsString("/gallery/nix/lantern"));
        page("/search?q=lantern&cache=gallery&ecosystem=nix").body(containsString("Exact name"));
    }

    @Test
    void otherSpellingsRedirectPermanently() {
        page("/gallery/npm/WICK@2.0.0/files").statusCode(404);
        page("/gallery/nix/").statusCode(308).header("Location", endsWith("/gallery/nix"));
        page("/gallery/pypi/Candle_Stick").statusCode(308).header("Location", endsWith("/gallery/pypi/candle-stick"));
        given().redirects()
                .follow(false)
                .get("/api/gallery/pypi/Candle.Stick@1.0")
                .then()
                .statusCode(308)
                .header("Location", endsWith("/api/gallery/pypi/candle-stick@1.0"));
    }

    @ParameterizedTest
    @CsvSource({
        "/gallery/nix/lantren,          404, package",
        "/gallery/nix/lantern@9,        404, version",
        "/gallery/cobol/lantern,        404, registry",
        "/gallery/path/00000000000000000000000000000000, 404, store path",
        "/gallery/nix/lantern@3.2.1/files/none, 404, file",
        "/gallery/nix/lantern@3.2.1/score, 404, page",
        "/gallery/nix?page=9,           404, page",
        "/gallery/nix/lantern@3.2.1/files?page=9, 404, page",
    })
    void whatIsNotThereSaysWhatWasLookedFor(String path, int status, String word) {
        page(path)
                .statusCode(status)
                .contentType(startsWith("text/html"))
                .body(containsString("No such "), containsString(word));
        given().header("Accept", "application/json")
                .get("/api" + path)
                .then()
                .statusCode(status)
                .contentType("application/problem+json")
                .body("title", containsString(word));
    }

    @Test
    void errorPagesSuggestSimilarNamesEscaped() {
        page("/gallery/nix/lantren").body(containsString("Similar names"), containsString("/gallery/nix/lantern\""));
        page("/gallery/nix/%3Cscript%3Ealert(1)%3C%2Fscript%3E").statusCode(404).body(not(containsString(SCRIPT)));
        page("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").body(not(containsString(SCRIPT)));
    }

    @ParameterizedTest
    @CsvSource({
        "/gallery/nix, /gallery/nix",
        "/a?b=c,       /a?b=c",
        "//evil.example, /",
        "/\\evil.example, /",
        "https://evil.example, /",
        "'', /",
    })
    void prefsComeBackToAPageOfThisSite(String to, String location) {
        given().redirects()
                .follow(false)
                .formParam("theme", "dark")
                .formParam("to", to)
                .post("/prefs")
                .then()
                .statusCode(303)
                .header("Location", endsWith(location))
                .header("Location", not(containsString("evil")))
                .header("Set-Cookie", containsString("prefs=dark"));
    }

    @Test
    void docsShowCommandsOfTheChosenCache() {
        page("/docs?cache=gallery")
                .statusCode(200)
                .body(containsString("href=\"/docs/npm?cache=gallery\""), not(containsString("NOT_FOUND")));
        page("/docs/npm?cache=gallery")
                .statusCode(200)
                .body(containsString("<wbr>gallery/npm/"), containsString("noindex"))
                .body(containsString("aria-current=\"page\">npm</a>"), not(containsString("NOT_FOUND")));
        page("/docs/nix?cache=gallery").body(containsString("extra-trusted-public-keys</span> = gallery:"));
        page("/docs/pypi").statusCode(200).body(containsString("simple/"), not(containsString("noindex")));
        page("/gallery").body(containsString("href=\"/docs/nix?cache=gallery\""));
        page("/docs/example").statusCode(404);
        page("/docs/cobol").statusCode(404);
        var secret = page("/docs/npm?cache=" + VAULT).statusCode(404).extract().asString();
        var absent =
                page("/docs/npm?cache=gallery-ghost").statusCode(404).extract().asString();
        assertEquals(absent.replace("gallery-ghost", VAULT), secret);
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get("/docs/npm?cache=" + VAULT)
                .then()
                .statusCode(200)
                .header("Cache-Control", containsString("no-store"));
    }

    @Test
    void chosenThemeIsInThePageAndItsETag() {
        var light = page("/gallery")
                .body(not(containsString("data-theme")))
                .extract()
                .header("ETag");
        browser()
                .cookie("prefs", "dark")
                .header("If-None-Match", light)
                .get("/gallery")
                .then()
                .statusCode(200)
                .body(containsString("<html lang=\"en\" dir=\"ltr\" data-theme=\"dark\">"));
        browser().cookie("prefs", "\"><script>").get("/gallery").then().body(not(containsString("data-theme")));
    }

    @Test
    void staticFilesHaveVersionedImmutableUrls() {
        var html = page("/").extract().asString();
        var style = html.replaceAll("(?s).*href=\"(/assets/narthex\\.css\\?v=[0-9a-f]+)\".*", "$1");
        given().header("Accept-Encoding", "gzip")
                .get(style)
                .then()
                .statusCode(200)
                .contentType(startsWith("text/css"))
                .header("Content-Encoding", "gzip")
                .header("Cache-Control", containsString("immutable"));
        given().get("/assets/narthex.css").then().header("Cache-Control", "no-cache");
        given().get("/assets/../application.properties").then().statusCode(greaterThanOrEqualTo(400));
        given().get("/favicon.ico").then().statusCode(200).contentType("image/svg+xml");
        given().get("/robots.txt").then().statusCode(200).body(containsString("Disallow: /api/"));
        given().get("/opensearch.xml").then().statusCode(200).body(containsString("{searchTerms}"));
    }

    @Test
    void pagesDoNotShadowNixRoutes() {
        given().get("/gallery/nix-cache-info").then().statusCode(200).body(startsWith("StoreDir: /nix/store"));
        given().get("/gallery/" + LANTERN.hash() + ".narinfo")
                .then()
                .statusCode(200)
                .contentType("text/x-nix-narinfo");
        given().get("/gallery/log/" + RECIPE.baseName()).then().statusCode(200).contentType(startsWith("text/plain"));
    }
}
