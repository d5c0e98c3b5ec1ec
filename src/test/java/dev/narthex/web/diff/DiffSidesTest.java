package dev.narthex.web.diff;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sides of a diff: how URLs and the form name them, and what is refused. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DiffSidesTest extends DiffPagesSetup {

    @ParameterizedTest
    @CsvSource({
        "lookout/nix/beacon@1.0, lookout/nix/beacon@1.1, /lookout/nix/beacon@1.0/diff/1.1",
        "/lookout/npm/skerry@latest, lookout/npm/skerry@1.0.0, /lookout/npm/skerry@latest/diff/1.0.0",
        "lookout/pypi/Buoy@1.0, lookout/pypi/buoy@1.1, /lookout/pypi/buoy@1.0/diff/1.1",
        "OLD, NEW, /lookout/path/OLD/diff/NEW",
        "/nix/store/OLD-beacon-1.0, NEW-beacon-1.1, /lookout/path/OLD/diff/NEW",
        "/nix/store/OLD-beacon-1.0/share/doc, lookout/path/NEW, /lookout/path/OLD/diff/NEW",
        "lookout/nix/beacon@1.0, NEW, /lookout/path/OLD/diff/NEW",
        "SSL, lookout-other/path/SSL, /lookout-other/path/SSL/diff/SSL",
        "lookout/path/SSL, lookout-other/path/SSL, /lookout/path/SSL/diff/lookout-other/SSL",
        "SSL, SSL, /lookout/path/SSL/diff/SSL",
    })
    void formRedirectsToTheDiff(String a, String b, String target) {
        page("/diff?a=" + a + "&b=" + b).statusCode(303).header("Location", endsWith(filled(target)));
        twin("/diff?a=" + a + "&b=" + b).statusCode(303).header("Location", endsWith("/api" + filled(target)));
    }

    @Test
    void urlsOfThisSiteAreAccepted() {
        var here = ConfigProvider.getConfig().getValue("narthex.url", String.class);
        page("/diff?a=" + here + "/lookout/path/OLD&b=NEW")
                .statusCode(303)
                .header("Location", endsWith(filled("/lookout/path/OLD/diff/NEW")));
        page("/diff?a=http://elsewhere.example/lookout/path/OLD&b=NEW").statusCode(400);
    }

    @Test
    void packagesAreComparedByStorePath() {
        var tarball = PortalFixture.path("skerry-1.0.0.tgz").hash();
        page("/diff?a=lookout/nix/beacon@1.0&b=lookout/npm/skerry@1.0.0")
                .statusCode(303)
                .header("Location", endsWith(filled("/lookout/path/OLD/diff/") + tarball));
    }

    @ParameterizedTest
    @CsvSource({
        "'/diff', 400, side a",
        "'/diff?a=OLD', 400, side b",
        "'/diff?a=OLD&b=lookout', 400, side b",
        "'/diff?a=lookout/nix/beacon&b=OLD', 400, side a",
        "'/diff?a=OLD&b=%3Cscript%3Ealert(1)%3C/script%3E', 400, side b",
    })
    void invalidSideIsNamed(String path, int status, String field) {
        twin(path).statusCode(status).contentType("application/problem+json").body("field", equalTo(field));
        page(path).statusCode(status).contentType(startsWith("text/html")).body(not(containsString(SCRIPT)));
    }

    @ParameterizedTest
    @CsvSource({
        "/diff?a=OLD&b=00000000000000000000000000000000, second",
        "/diff?a=00000000000000000000000000000000&b=OLD, first",
        "/diff?a=lookout/nix/beacon@9&b=OLD, first",
        "/lookout/nix/beacon@1.0/diff/9, second",
        "/lookout/nix/beacon@9/diff/1.0, first",
        "/lookout/path/OLD/diff/00000000000000000000000000000000, second",
    })
    void missingSideIsNamed(String path, String which) {
        twin(path).statusCode(404).body("detail", containsString("the " + which + " of the two"));
        page(path).statusCode(404).body(containsString("the " + which + " of the two"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/CACHE/path/SECRET/diff/SECRET",
                "/CACHE/nix/secret@1.0/diff/1.0",
                "/CACHE/path/SSL/diff/lookout/SSL",
                "/lookout/path/SSL/diff/CACHE/SSL",
                "/diff?a=CACHE/path/SSL&b=SSL",
                "/diff?a=SSL&b=CACHE/nix/secret@1.0",
                "/diff?a=CACHE/nix/secret@1.0&b=CACHE/nix/secret@1.0",
            })
    void privateCacheAnswersAsAbsent(String template) {
        var absent = "lookout-ghost";
        for (var form : List.of("", "/api")) {
            var ghost = browser().get(form + filled(template.replace("CACHE", absent)));
            var hidden = browser().get(form + filled(template.replace("CACHE", VAULT)));
            assertEquals(ghost.statusCode(), hidden.statusCode());
            assertEquals(ghost.asString(), hidden.asString().replace(VAULT, absent));
            assertTrue(ghost.statusCode() == 404 || ghost.statusCode() == 401, template);
        }
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get(filled(template.replace("CACHE", VAULT)))
                .then()
                .statusCode(template.startsWith("/diff") ? 303 : 200);
    }

    @Test
    void hashAloneFindsNothingInAPrivateCache() {
        page("/diff?a=SECRET&b=SECRET").statusCode(404);
        browser()
                .header("Authorization", "Bearer " + PortalFixture.token())
                .get(filled("/diff?a=SECRET&b=SECRET"))
                .then()
                .statusCode(303);
    }

    @Test
    void pathPageLinksToTheDiffForm() {
        page("/lookout/path/OLD")
                .body(containsString("action=\"/diff\""))
                .body(containsString("name=\"a\" value=\"lookout/path/" + OLD.hash() + "\""));
    }
}
