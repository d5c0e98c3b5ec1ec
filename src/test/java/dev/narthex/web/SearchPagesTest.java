package dev.narthex.web;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Caches;
import dev.narthex.catalog.Changes;
import dev.narthex.nix.NarWriter;
import dev.narthex.publish.Recognition;
import dev.narthex.search.Fresh;
import dev.narthex.search.Index;
import dev.narthex.store.Domains;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Search over HTTP, on paths that were pushed and recognised. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SearchPagesTest {
    private static final String OPEN = "finder";
    private static final String HIDDEN = "finder-vault";

    private static boolean filled;

    @Inject
    Caches caches;

    @Inject
    Domains domains;

    @Inject
    Recognition recognition;

    @Inject
    Changes changes;

    @Inject
    Index index;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            QuarkusTransaction.requiringNew().run(() -> {
                caches.create(OPEN, "", true, domains.create());
                caches.create(HIDDEN, "", false, domains.create());
            });
            var shelf = new Shelf(OPEN, recognition);
            shelf.put(Shelf.path("sextant-2.0"), SearchPagesTest::tree, Optional.empty());
            shelf.put(
                    Shelf.path("sextant-charts-1.0.0.tgz"),
                    npm("sextant-charts", "Star charts for a <b>sextant</b>", "MIT"),
                    Optional.empty());
            shelf.put(
                    Shelf.path("astrolabe-1.0.0.tgz"),
                    npm("astrolabe", "Older than the sextant", "ISC"),
                    Optional.empty());
            new Shelf(HIDDEN, recognition)
                    .put(
                            Shelf.path("sextant-secret-1.0.0.tgz"),
                            npm("sextant-secret", "hidden", "WTFPL"),
                            Optional.empty());
        }
        Fresh.await(index, changes);
    }

    private static void tree(NarWriter nar) throws IOException {
        nar.directory(new byte[0]);
        nar.directory("bin".getBytes(StandardCharsets.UTF_8));
        Shelf.file(nar, "noon-sight", "#!/bin/sh\n");
        nar.endDirectory();
        nar.endDirectory();
    }

    private static Shelf.Content npm(String name, String summary, String licence) {
        return Shelf.file(Shelf.tarball(
                "package.json",
                "{\"name\":\"%s\",\"version\":\"1.0.0\",\"description\":\"%s\",\"license\":\"%s\"}"
                        .formatted(name, summary, licence)));
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
    void namesComeBeforeDescriptionsAndFiltersAreLinksWithCounts() {
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
    void whatIsInsideIsFound() {
        twin("/search?q=noon-sight&cache=finder").body("hits.name", equalTo(List.of("sextant")));
        twin("/search?q=file:bin/noon-sight&cache=finder").body("hits.name", equalTo(List.of("sextant")));
    }

    @Test
    void aPrivateCacheIsNeitherFoundNorCountedNorSuggested() {
        page("/search?q=sextant").body(not(containsString("sextant-secret"))).body(not(containsString("WTFPL")));
        page("/search?q=sextant-secret&cache=finder-vault").body(not(containsString("finder-vault/npm")));
        given().get("/suggest?q=sext").then().body("[1]", not(hasItem("sextant-secret")));
        given().get("/suggest?q=sext&cache=finder-vault").then().body("[1]", hasSize(0));
        given().header("Authorization", "Bearer " + Shelf.token())
                .get("/suggest?q=sext&cache=finder-vault")
                .then()
                .body("[1]", equalTo(List.of("sextant-secret")));
        page("/finder/npm/sextant-secrt").body(not(containsString("sextant-secret")));
    }

    @Test
    void suggestionsAreInTheFormThatBrowsersRead() {
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
    void aTypoIsForgivenAndSaidAndNothingNearIsNamed() {
        page("/search?q=sextnat&cache=finder")
                .body(allOf(containsString("one of a word may differ"), containsString("/finder/nix/sextant")));
        page("/search?q=sxtnt&cache=finder")
                .body(containsString("Nothing matches"), containsString("/finder/nix/sextant"));
        page("/search?q=sextant&cache=finder&system=none")
                .body(containsString("No package matches"), containsString("Remove this filter"));
        page("/search?q=&cache=finder").body(containsString("3 packages"));
    }

    @Test
    void pagesEndWhereNobodyReads() {
        page("/search?q=sextant&page=51").statusCode(400).body(containsString("Narrow the search"));
        page("/search?q=sextant&page=50").statusCode(404);
    }
}
