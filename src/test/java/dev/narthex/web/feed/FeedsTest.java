package dev.narthex.web.feed;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.web.support.XmlDocument;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Atom feeds of caches, packages and searches. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class FeedsTest extends MachineReadablePagesSetup {

    @Test
    void feedListsReleasesNewestFirst() {
        var titles = List.of(
                "Tide_Table 1.0 · PyPI",
                "@dock/crane 1.0.0 · npm",
                "buoy 2.0.0-rc.1 · npm",
                "buoy 1.1.0 · npm",
                "buoy 1.0.0 · npm");
        var whole = feed("/pier");
        assertEquals("http://www.w3.org/2005/Atom feed", whole.root());
        var packages = whole.texts("title").stream()
                .filter(title -> !title.endsWith("Nix"))
                .toList();
        assertEquals("New in pier", packages.getFirst());
        assertEquals(titles, packages.subList(1, packages.size()));
        assertEquals(titles.subList(1, 5), rest(feed("/pier/npm").texts("title")));
        assertEquals(titles.subList(2, 5), rest(feed("/pier/npm/buoy").texts("title")));
        assertEquals(
                List.of("@dock/crane 1.0.0 · npm"),
                rest(feed("/pier/npm/@dock/crane").texts("title")));
    }

    private static List<String> rest(List<String> all) {
        return all.subList(1, all.size());
    }

    @Test
    void entryIsTheSameInEveryFeed() {
        var ids = feed("/pier/npm/buoy").texts("id");
        assertEquals(baseUrl + "/feed/pier/npm/buoy", ids.getFirst());
        assertTrue(ids.get(2).matches("tag:[^,:]+,\\d{4}-\\d\\d-\\d\\d:pier/npm/buoy@1\\.1\\.0"), ids.get(2));
        assertTrue(feed("/pier").texts("id").containsAll(rest(ids)));
        assertEquals(List.of(ids.get(2)), rest(feed("/search?q=buoy&cache=pier").texts("id")));
        var entry = feed("/pier/npm/buoy").all("entry").getFirst();
        var link = XmlDocument.elements(entry, "link").getFirst().getAttribute("href");
        assertEquals(baseUrl + "/pier/npm/buoy@2.0.0-rc.1", link);
        asked().get(URI.create(link).getPath()).then().statusCode(200);
        assertEquals(1, XmlDocument.elements(entry, "author").size());
        assertEquals("floats soon", XmlDocument.text(entry, "summary"));
    }

    @Test
    void searchesHaveFeeds() {
        assertEquals(
                List.of("buoy 1.1.0 · npm"),
                rest(feed("/search?q=buoy&cache=pier&sort=name").texts("title")));
        assertEquals(2, rest(feed("/pier/npm?license=MIT").texts("title")).size());
        assertEquals(List.of(), rest(feed("/pier/npm?license=none").texts("title")));
        assertEquals(
                baseUrl + "/feed/pier/npm?license=MIT",
                feed("/pier/npm?sort=updated&license=MIT").texts("id").getFirst());
        assertTrue(rest(feed("/search?q=pearl&cache=pier").texts("title")).isEmpty());
    }

    @Test
    void hostileMetadataIsEscaped() {
        assertEquals(
                List.of(XmlWriter.allowed(evil())),
                feed("/pier/npm/@dock/crane").texts("summary"));
    }

    @Test
    void unchangedFeedIsAnsweredWith304() {
        var first = asked().get("/feed/pier").then().extract();
        asked().header("If-None-Match", first.header("ETag"))
                .get("/feed/pier")
                .then()
                .statusCode(304);
        asked().head("/feed/pier")
                .then()
                .statusCode(200)
                .contentType("application/atom+xml; charset=utf-8")
                .header("Content-Length", notNullValue());
        assertFalse(asked().get("/pier").header("ETag").equals(first.header("ETag")));
    }

    @ParameterizedTest
    @CsvSource({
        "/pier/npm/buoy@1.0.0,          /feed/pier/npm/buoy",
        "/pier/npm/buoy@latest,         /feed/pier/npm/buoy",
        "/pier/npm/buoy@1.0.0/versions, /feed/pier/npm/buoy",
        "/pier/pypi/Tide_Table,         /feed/pier/pypi/tide-table",
        "/pier/,                        /feed/pier",
    })
    void versionPageLinksToThePackageFeed(String page, String feed) {
        asked().get("/feed" + page).then().statusCode(308).header("Location", endsWith(feed));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/caches",
                "/pier/path/00000000000000000000000000000000",
                "/pier/cobol",
                "/pier/npm/none",
                "/none",
                "/"
            })
    void otherPagesHaveNoFeed(String page) {
        asked().get("/feed" + page).then().statusCode(page.equals("/none") ? 401 : 404);
    }

    @Test
    void privateFeedNeedsReadPermission() {
        long reader = people.person(false);
        people.member(sealed, reader, Role.READER);
        for (var page : List.of("", "/npm", "/npm/pearl")) {
            with(people.token(reader))
                    .get("/feed/" + SEALED + page)
                    .then()
                    .statusCode(200)
                    .header("Cache-Control", "private, no-cache")
                    .header("X-Robots-Tag", "noindex")
                    .body(containsString("pearl 1.0.0"));
            var hidden = asked().get("/feed/" + SEALED + page);
            var absent = asked().get("/feed/pier-absent" + page);
            assertEquals(401, hidden.statusCode());
            assertEquals("Basic realm=\"Narthex\"", hidden.header("WWW-Authenticate"));
            assertEquals(absent.asString().replace("pier-absent", SEALED), hidden.asString());
            with(people.token(people.person(false)))
                    .get("/feed/" + SEALED + page)
                    .then()
                    .statusCode(404);
        }
        asked().auth()
                .preemptive()
                .basic("anna", people.token(reader))
                .get("/feed/" + SEALED)
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({
        "/pier,                           /feed/pier",
        "/pier/npm,                       /feed/pier/npm",
        "/pier/npm?sort=updated,          /feed/pier/npm",
        "/pier/npm?license=MIT,           /feed/pier/npm?license=MIT",
        "/pier/npm/buoy,                  /feed/pier/npm/buoy",
        "/pier/npm/buoy@1.0.0,            /feed/pier/npm/buoy",
        "/pier/npm/buoy@1.0.0/versions,   /feed/pier/npm/buoy",
        "/search?q=buoy&cache=pier&page=1, /feed/search?q=buoy&amp;cache=pier",
    })
    void pageLinksToItsFeed(String page, String feed) {
        var html = asked().accept("text/html")
                .get(page)
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertTrue(html.contains("type=\"application/atom+xml\" title=\"New releases\" href=\"" + feed + "\""), html);
        assertTrue(html.contains("<a href=\"" + feed + "\">Atom</a>"), html);
        asked().get(feed.replace("&amp;", "&")).then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/caches", "/search", "/status", "/docs", "/pier/npm/buoy@1.0.0/files"})
    void otherPagesLinkToNoFeed(String page) {
        assertFalse(head(page).contains("atom+xml"), page);
    }
}
