package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.TestDatabase;
import dev.narthex.access.People;
import dev.narthex.access.Role;
import dev.narthex.catalog.Changes;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.Recognition;
import dev.narthex.search.Fresh;
import dev.narthex.search.Index;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What pages are for programs: feeds, site map, what search engines and other sites read in their heads, and errors that lead on. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MachinesTest {
    private static final String OPEN = "pier";
    private static final String SECOND = "pier-second";
    private static final String SEALED = "pier-sealed";
    private static final String EVIL = "</script><script>alert(1)</script>]]>&\u001b[31m\uffff\u2028";
    private static final StorePath ONLY_THERE = Shelf.path("anchor-1.0");
    private static final StorePath HIDDEN = Shelf.path("pearl-1.0");

    private static boolean filled;

    @Inject
    People people;

    @Inject
    Recognition recognition;

    @Inject
    Changes changes;

    @Inject
    Index index;

    @Inject
    @ConfigProperty(name = "narthex.url")
    String baseUrl;

    private Cache sealed;

    @BeforeEach
    void fill() {
        people.cache(OPEN, true);
        people.cache(SECOND, true);
        sealed = people.cache(SEALED, false);
        if (!filled) {
            filled = true;
            npm(OPEN, "buoy", "1.0.0", "floats");
            npm(OPEN, "buoy", "1.1.0", "floats better");
            npm(OPEN, "buoy", "2.0.0-rc.1", "floats soon");
            npm(OPEN, "@dock/crane", "1.0.0", EVIL);
            npm(SEALED, "pearl", "1.0.0", "shines");
            new Shelf(OPEN, recognition)
                    .put(
                            Shelf.path("Tide_Table-1.0-py3-none-any.whl"),
                            Shelf.file(Shelf.wheel(
                                    "Tide_Table-1.0.dist-info",
                                    "tide_table/__init__.py",
                                    "",
                                    "Tide_Table-1.0.dist-info/METADATA",
                                    "Metadata-Version: 2.1\nName: Tide_Table\nVersion: 1.0\n",
                                    "Tide_Table-1.0.dist-info/WHEEL",
                                    "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")),
                            Optional.empty());
            put(SECOND, ONLY_THERE);
            put(SEALED, HIDDEN);
        }
        Fresh.await(index, changes);
    }

    private void put(String cache, StorePath path) {
        new Shelf(cache, recognition)
                .put(path, Shelf.file(path.name().getBytes(StandardCharsets.UTF_8)), Optional.empty());
    }

    private void npm(String cache, String name, String version, String says) {
        var file = name.replaceAll("[@/]", "") + "-" + version + ".tgz";
        var json = new ObjectMapper()
                .createObjectNode()
                .put("name", name)
                .put("version", version)
                .put("description", says)
                .put("license", "MIT");
        new Shelf(cache, recognition)
                .put(
                        Shelf.path(cache + "-" + file),
                        Shelf.file(Shelf.tarball("package.json", json.toString())),
                        Optional.empty());
    }

    private static RequestSpecification asked() {
        return given().redirects().follow(false).urlEncodingEnabled(false);
    }

    private static RequestSpecification with(String token) {
        return asked().header("Authorization", "Bearer " + token);
    }

    private static ValidatableResponse missing(String page, int status) {
        return asked().accept("text/html").get(page).then().statusCode(status);
    }

    // ── errors that lead on ──

    @Test
    void aStorePathThatIsElsewhereSaysWhereAndHowItComesHere() {
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
    void whatOnlyAPrivateCacheHasIsToldToItsReadersOnly() {
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
    void aVersionThatWasDeletedSaysWhenAndWhatThereIsInItsPlace() {
        npm(OPEN, "raft", "1.0.0", "floats");
        npm(OPEN, "raft", "1.1.0", "floats");
        delete("raft@1.0.0");
        people.run("update tombstone set reason = '<b>It sank.' where normalised = 'raft' and filename = ''");
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
}
