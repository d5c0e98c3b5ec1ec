package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Maintainers yank and delete uploaded releases, and files join a release by any spelling of its version. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiReleaseEditsTest extends PypiUploadSetup {
    private Response release(String method, String path, String body) {
        long maintainer = people.person(false);
        people.member(cache, maintainer, Role.MAINTAINER);
        return given().header("Authorization", "Bearer " + people.token(maintainer))
                .contentType("application/json")
                .body(body)
                .request(method, "/_api/v1/" + cache.name() + "/releases/" + path);
    }

    @Test
    void releaseIsYankedAndUnyanked() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        for (int i = 0; i < 2; i++) {
            release("POST", "pypi/Oar@1.0/yank", "{\"reason\":\"It <leaks>.\"}")
                    .then()
                    .statusCode(200)
                    .body("release", equalTo("pypi oar@1.0"))
                    .body("changed", equalTo(i == 0));
        }
        page("oar")
                .then()
                .body("files.yanked", equalTo(List.of("It <leaks>.", "It <leaks>.", false)))
                .body("versions", equalTo(List.of("1.0", "1.1")));
        given().accept("text/html")
                .get(at("simple/oar/"))
                .then()
                .body(containsString("data-yanked=\"It &lt;leaks&gt;.\""));
        given().get(at("pypi/oar/1.0/json"))
                .then()
                .body("info.yanked", equalTo(true))
                .body("urls.yanked_reason", equalTo(List.of("It <leaks>.", "It <leaks>.")));
        given().get("/" + cache.name() + "/pypi/oar@1.0")
                .then()
                .body(containsString("<strong>1.0 is yanked.</strong> It &lt;leaks&gt;."));
        given().get("/api/" + cache.name() + "/pypi/oar@1.0").then().body("withdrawals.yanked", equalTo("It <leaks>."));
        release("POST", "pypi/oar@1.0/yank", "").then().statusCode(200).body("changed", equalTo(true));
        page("oar").then().body("files.yanked", equalTo(List.of(true, true, false)));
        for (int i = 0; i < 2; i++) {
            release("POST", "pypi/oar@1.0/unyank", "").then().statusCode(200).body("changed", equalTo(i == 0));
        }
        page("oar").then().body("files.yanked", equalTo(List.of(false, false, false)));
        assertEquals(
                3,
                count(
                        "audit where action = 'maintain' and allowed and object like '%yanked pypi oar@1.0' and cache_id = "
                                + cache.id()));
    }

    @Test
    void yankedReleaseIsNotTheDefaultIfAnotherExists() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        shownIs("1.1");
        release("POST", "pypi/oar@1.1/yank", "").then().statusCode(200);
        shownIs("1.0");
        release("POST", "pypi/oar@1.0/yank", "").then().statusCode(200);
        shownIs("1.1");
        post(UploadFormFixture.wheel("oar", "0.9")).then().statusCode(200);
        shownIs("0.9");
        release("POST", "pypi/oar@1.0/unyank", "").then().statusCode(200);
        shownIs("1.0");
    }

    private void shownIs(String version) {
        given().get("/api/" + cache.name() + "/pypi/oar").then().body("head.version", equalTo(version));
    }

    @Test
    void anotherSpellingOfAVersionAddsFilesToIt() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0.0")).then().statusCode(200);
        page("oar").then().body("versions", equalTo(List.of("1.0"))).body("files.size()", equalTo(2));
        given().get(at("pypi/oar/1.0.0/json"))
                .then()
                .body("info.version", equalTo("1.0"))
                .body("urls.size()", equalTo(2));
        given().get("/api/" + cache.name() + "/pypi/oar@1.0.0").then().body("head.version", equalTo("1.0"));
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(400);
    }

    @Test
    void deletedReleaseReservesItsFileNames() {
        var wheel = UploadFormFixture.wheel("oar", "1.0");
        post(wheel).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(200).body("release", equalTo("pypi oar@1.0"));
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(404);
        assertEquals(List.of("oar-1.1-py3-none-any.whl"), files("oar"));
        var other = post(UploadFormFixture.wheel("oar", "1.0", "Summary: other\n", Map.of()));
        refused(other, 400, "This filename has previously been used, you should use a different version");
        post(wheel).then().statusCode(200);
        assertEquals(2, files("oar").size());
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(200);
        release("DELETE", "pypi/oar@1.1", "").then().statusCode(200);
        page("oar").then().statusCode(200).body("files", equalTo(List.of()));
        assertEquals(1, count("package where owned and cache_id = " + cache.id()), "the name stays this cache's own");
    }

    @Test
    void unsupportedActionIsExplained() {
        post(good()).then().statusCode(200);
        var wrong = Map.of(
                "pypi/oar@2.0/yank", 404,
                "pypi/mast@1.0/yank", 404,
                "pypi/oar@1.0/deprecate", 404,
                "pypi/oar/yank", 404,
                "nix/oar@1.0/yank", 404,
                "none/oar@1.0/yank", 404);
        wrong.forEach((path, status) -> release("POST", path, "").then().statusCode(status));
        for (var body :
                List.of("{\"reason\":\"" + "r".repeat(1001) + "\"}", "{\"reason\":\"a\\nb\"}", "{\"why\":1}", "[]")) {
            release("POST", "pypi/oar@1.0/yank", body).then().statusCode(400);
        }
        for (var secret : List.of(token, people.token(people.person(false)))) {
            given().header("Authorization", "Bearer " + secret)
                    .post("/_api/v1/" + cache.name() + "/releases/pypi/oar@1.0/yank")
                    .then()
                    .statusCode(403);
        }
        page("oar").then().body("files.yanked", equalTo(List.of(false)));
    }
}
