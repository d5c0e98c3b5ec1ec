package dev.narthex.web.feed;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.web.support.XmlDocument;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages for programs: site map, metadata for search engines and other sites, and helpful errors. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MachineReadablePagesTest extends MachineReadablePagesSetup {
    private static final Pattern DESCRIBED =
            Pattern.compile("<script type=\"application/ld\\+json\">(.*?)</script>", Pattern.DOTALL);

    private static ValidatableResponse missing(String page, int status) {
        return asked().accept("text/html").get(page).then().statusCode(status);
    }

    @Test
    void siteMapListsCanonicalUrlsOfPublicCaches() {
        asked().get("/robots.txt").then().body(containsString("Sitemap: " + baseUrl + "/sitemap.xml\n"));
        var parts = XmlDocument.of(asked().get("/sitemap.xml")
                .then()
                .statusCode(200)
                .contentType("application/xml; charset=utf-8")
                .extract()
                .asString());
        assertEquals("http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex", parts.root());
        assertTrue(
                parts.texts("loc").contains(baseUrl + "/sitemap.xml?cache=pier"),
                parts.texts("loc").toString());
        assertFalse(parts.texts("loc").stream().anyMatch(part -> part.contains(SEALED)));
        assertTrue(parts.texts("loc").contains(baseUrl + "/sitemap.xml?cache=pier&after=pypi%2F"));
        var pages = new ArrayList<String>();
        for (var part : parts.texts("loc")) {
            if (part.matches(".*cache=pier(&.*)?")) {
                var map = map(part.substring(part.indexOf('?')));
                assertEquals("http://www.sitemaps.org/schemas/sitemap/0.9 urlset", map.root());
                map.texts("loc").forEach(page -> pages.add(page.substring(baseUrl.length())));
            }
        }
        assertEquals(new HashSet<>(pages).size(), pages.size());
        assertTrue(
                pages.containsAll(List.of(
                        "/pier",
                        "/pier/npm",
                        "/pier/pypi",
                        "/pier/npm/@dock/crane",
                        "/pier/npm/buoy",
                        "/pier/pypi/tide-table")),
                pages.toString());
        for (var page : pages) {
            assertTrue(head(page).contains("<link rel=\"canonical\" href=\"" + baseUrl + page + "\">"), page);
        }
        var later = map("?cache=pier&after=npm%2F%40dock%2Fcrane");
        assertEquals(baseUrl + "/pier/npm/buoy", later.texts("loc").getFirst());
        assertTrue(later.texts("lastmod").getFirst().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
    }

    private static XmlDocument map(String query) {
        return XmlDocument.of(asked().get("/sitemap.xml" + query)
                .then()
                .statusCode(200)
                .extract()
                .asString());
    }

    @Test
    void siteMapOmitsPrivateCaches() {
        var admin = people.admin();
        var absent = asked().get("/sitemap.xml?cache=pier-absent");
        for (var hidden :
                List.of(asked().get("/sitemap.xml?cache=" + SEALED), with(admin).get("/sitemap.xml?cache=" + SEALED))) {
            assertEquals(404, hidden.statusCode());
            assertEquals(absent.asString().replace("pier-absent", SEALED), hidden.asString());
        }
        asked().get("/sitemap.xml?cache=pier&after=x").then().statusCode(400).body("field", equalTo("after"));
        var etag = asked().get("/sitemap.xml").header("ETag");
        asked().header("If-None-Match", etag).get("/sitemap.xml").then().statusCode(304);
        asked().header("Accept-Encoding", "gzip")
                .get("/sitemap.xml?cache=pier")
                .then()
                .header("Content-Encoding", "gzip");
        asked().head("/sitemap.xml").then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/,                             /",
        "/caches,                       /caches",
        "/pier,                         /pier",
        "/pier/npm?sort=updated,        /pier/npm",
        "/pier/npm/buoy,                /pier/npm/buoy",
        "/pier/npm/buoy@1.1.0,          /pier/npm/buoy",
        "/pier/npm/buoy@latest,         /pier/npm/buoy",
    })
    void pagesHaveOneCanonicalUrl(String page, String canonical) {
        var head = head(page);
        assertTrue(head.contains("<link rel=\"canonical\" href=\"" + baseUrl + canonical + "\">"), head);
        assertFalse(head.contains("noindex"), head);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/pier/npm/buoy@1.0.0",
                "/pier/npm/buoy@1.1.0/versions",
                "/pier/npm/buoy@1.1.0/files",
                "/pier/npm?license=MIT",
                "/search?q=buoy",
                "PATH",
                "PATH/closure",
            })
    void secondaryPagesAreNoindex(String template) {
        var page = template.replace("PATH", "/pier-second/path/" + ONLY_THERE.hash());
        var head = head(page);
        assertTrue(head.contains("<meta name=\"robots\" content=\"noindex, follow\">"), head);
        assertFalse(head.contains("rel=\"canonical\" href=\"" + baseUrl + "/pier/npm/buoy\""), head);
    }

    @Test
    void packageHasEscapedJsonLd() throws Exception {
        var json = new ObjectMapper();
        var buoy = json.readTree(described("/pier/npm/buoy"));
        assertEquals("https://schema.org", buoy.path("@context").asText());
        assertEquals("SoftwareApplication", buoy.path("@type").asText());
        assertEquals("buoy", buoy.path("name").asText());
        assertEquals("1.1.0", buoy.path("softwareVersion").asText());
        assertEquals("floats better", buoy.path("description").asText());
        assertEquals("MIT", buoy.path("license").asText());
        assertEquals(baseUrl + "/pier/npm/buoy", buoy.path("url").asText());
        assertTrue(buoy.path("datePublished").asText().matches("\\d{4}-\\d\\d-\\d\\d"), buoy.toString());
        assertTrue(buoy.path("operatingSystem").isMissingNode(), buoy.toString());
        var evil = described("/pier/npm/@dock/crane");
        assertFalse(evil.contains("<") || evil.contains(">") || evil.contains("&"), evil);
        assertEquals(evil(), json.readTree(evil).path("description").asText());
    }

    private static String described(String page) {
        var matcher = DESCRIBED.matcher(head(page));
        assertTrue(matcher.find(), page);
        return matcher.group(1);
    }

    @Test
    void pagesHaveOpenGraphMetadata() {
        assertTrue(head("/pier/npm/buoy").contains("<meta property=\"og:title\" content=\"buoy 1.1.0 · npm · pier\">"));
        assertTrue(head("/pier/npm/buoy").contains("<meta property=\"og:description\" content=\"floats better\">"));
        assertTrue(head("/pier/npm/buoy")
                .contains("<meta property=\"og:url\" content=\"" + baseUrl + "/pier/npm/buoy\">"));
        var evil = head("/pier/npm/@dock/crane");
        assertFalse(evil.contains("<script>alert(1)"), evil);
        assertTrue(evil.contains("<meta property=\"og:description\" content=\"&lt;/script&gt;"), evil);
    }

    @Test
    void privateCachesAreNotIndexable() {
        with(people.admin())
                .accept("text/html")
                .get("/" + SEALED + "/npm/pearl")
                .then()
                .statusCode(200)
                .header("X-Robots-Tag", "noindex");
        asked().accept("text/html").get("/pier/npm/buoy").then().header("X-Robots-Tag", nullValue());
    }

    @Test
    void pathInAnotherCacheIsLinkedWithACopyCommand() {
        var page = "/pier/path/" + ONLY_THERE.hash();
        missing(page, 404)
                .body(allOf(
                        containsString("href=\"/pier-second/path/" + ONLY_THERE.hash() + "\""),
                        containsString("<span class=\"k\">--netrc-file</span>"),
                        containsString("/pier-second"),
                        containsString("?compression=zstd")));
        asked().get("/api" + page)
                .then()
                .statusCode(404)
                .body("copies.cache", equalTo(List.of(SECOND)))
                .body("copies[0].path", equalTo(ONLY_THERE.toString()))
                .body(
                        "copies[0].command",
                        equalTo("nix copy --netrc-file ~/.netrc-narthex --from " + baseUrl + "/pier-second --to '"
                                + baseUrl + "/pier?compression=zstd' " + ONLY_THERE));
        missing("/pier-absent/path/" + ONLY_THERE.hash(), 404)
                .body(containsString("/pier-second/path/"), not(containsString("nix copy")));
        missing("/pier-second/path/" + ONLY_THERE.hash() + "/log", 404).body(not(containsString("another cache")));
        missing("/pier/path/00000000000000000000000000000000", 404).body(not(containsString("another cache")));
    }

    @Test
    void privatePackagesAppearForTheirReadersOnly() {
        var page = "/pier/path/" + HIDDEN.hash();
        missing(page, 404).body(not(containsString(SEALED)));
        asked().get("/api" + page).then().body("copies", nullValue());
        long reader = people.person(false);
        people.member(sealed, reader, Role.READER);
        with(people.token(reader))
                .get("/api" + page)
                .then()
                .statusCode(404)
                .body("copies.cache", equalTo(List.of(SEALED)));
    }

    @Test
    void deletedVersionShowsDateAndAlternatives() {
        npm(OPEN, "raft", "1.0.0", "floats");
        npm(OPEN, "raft", "1.1.0", "floats");
        delete("raft@1.0.0");
        people.run("update tombstone set reason = '<b>It sank.' where normalized = 'raft' and filename = ''");
        for (var tab : List.of("", "/versions", "/files")) {
            missing("/pier/npm/raft@1.0.0" + tab, 410)
                    .body(allOf(
                            containsString("The version “raft 1.0.0” was removed."),
                            containsString("That was on "),
                            containsString("Reason: &lt;b&gt;It sank"),
                            containsString("pier has raft 1.1.0"),
                            containsString("href=\"/pier/npm/raft\"")));
        }
        asked().get("/api/pier/npm/raft@1.0.0")
                .then()
                .statusCode(410)
                .contentType("application/problem+json")
                .body("instead", equalTo("/pier/npm/raft"));
        missing("/pier/npm/raft@0.9.0", 404).body(containsString("No such version"));
        delete("raft@1.1.0");
        missing("/pier/npm/raft@1.1.0", 410).body(containsString("No other version of it is in pier."));
        assertTrue(List.of(404, 410).contains(asked().get("/api/pier/npm/raft").statusCode()));
        asked().get("/registry/pier/npm/raft").then().statusCode(404);
    }

    private void delete(String release) {
        with(people.admin())
                .delete("/_api/v1/pier/releases/npm/" + release)
                .then()
                .statusCode(200);
    }

    @Test
    void openApiDescribesPageFormats() {
        var paths = given().queryParam("format", "json")
                .get(openApi)
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
        for (var twin : List.of(
                "/api/me",
                "/api/me/tokens",
                "/api/{cache}/settings",
                "/api/{cache}/settings/audit",
                "/api/admin",
                "/api/admin/caches",
                "/api/admin/jobs",
                "/api/admin/storage",
                "/api/admin/audit",
                "/api/status",
                "/api/{page}")) {
            assertTrue(
                    paths.getMap("paths.'" + twin + "'.get.responses.'200'.content")
                            .containsKey("application/json"),
                    twin);
        }
        assertTrue(
                paths.getMap("paths.'/feed/{page}'.get.responses.'200'.content").containsKey("application/atom+xml"));
        assertTrue(
                paths.getMap("paths.'/sitemap.xml'.get.responses.'200'.content").containsKey("application/xml"));
        for (var page : List.of("/", "/search", "/{cache}", "/{cache}/settings", "/me", "/admin", "/robots.txt")) {
            assertFalse(paths.getMap("paths").containsKey(page), page);
        }
        assertEquals(List.of("page"), paths.getList("paths.'/feed/{page}'.get.parameters.name"));
        assertFalse(paths.getMap("components.schemas.SettingsView.properties").containsKey("key"));
    }
}
