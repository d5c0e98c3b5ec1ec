package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistriesProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** npm audit: bulk advisories and audits of dependency trees. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
@TestProfile(InMemoryRegistriesProfile.class)
class NpmAuditTest extends NpmRegistrySetup {
    private static final String BULK = NPM + "-/npm/v1/security/advisories/bulk";
    private static final String TREE = NPM + "-/npm/v1/security/audits";

    @Test
    void bulkAuditListsKnownVulnerabilities() {
        for (var packed : List.of(true, false)) {
            post(BULK, "{\"oar\":[\"1.0.0\",\"1.1.0\"],\"@boat/sail\":[\"1.0.0\"],\"other\":[\"1.0.0\"]}", packed)
                    .then()
                    .statusCode(200)
                    .header("Cache-Control", equalTo("no-store"))
                    .body("keySet()", equalTo(java.util.Set.of("oar")))
                    .body("oar", hasSize(2))
                    .body("oar[0].title", startsWith("CVE-2024-0001"))
                    .body("oar[0].severity", equalTo("high"))
                    .body("oar[0].vulnerable_versions", equalTo("1.0.0 || 1.0.1"))
                    .body("oar[0].url", endsWith("/orchard/npm/oar@1.0.1"))
                    .body("oar[0].cvss.score", equalTo(0))
                    .body("oar[1].vulnerable_versions", equalTo("1.0.0"));
        }
        post(BULK, "{\"oar\":[\"1.1.0\"]}", false).then().body(equalTo("{}"));
    }

    @Test
    void treeAuditReportsDependencyPaths() {
        var tree = """
                {"name":"consumer","requires":{},"dependencies":{".":{"dependencies":{
                  "hull":{"dependencies":{"oar":{"version":"1.0.1","requires":{"x":"1"},"dev":true}},"version":"3.0.0"},
                  "oar":{"version":"1.0.0"},"@boat/sail":{"version":"2.0.0","optional":true},"gone":null}}},
                 "install":[],"metadata":{"node":"v20"}}""";
        for (var route : List.of("", "/quick")) {
            var report = post(TREE + route, tree, route.isEmpty());
            int id = report.path("advisories.find { it.value.module_name == '@boat/sail' }.value.id");
            report.then()
                    .statusCode(200)
                    .body("metadata.vulnerabilities.high", equalTo(4))
                    .body("metadata.vulnerabilities.critical", equalTo(0))
                    .body("metadata.totalDependencies", equalTo(5))
                    .body("metadata.devDependencies", equalTo(1))
                    .body("advisories.'" + id + "'.findings[0].version", equalTo("2.0.0"))
                    .body("advisories.'" + id + "'.findings[0].paths", equalTo(List.of(".>@boat/sail")))
                    .body("advisories.'" + id + "'.cves", equalTo(List.of("CVE-2024-0002")))
                    .body("advisories.'" + id + "'.patched_versions", equalTo("<0.0.0"))
                    .body(
                            "actions.resolves.flatten().path",
                            equalTo(List.of(".>oar", ".>hull>oar", ".>oar", ".>@boat/sail")));
        }
        post(TREE, "{\"dependencies\":{\"oar\":{\"version\":\"1.1.0\"}}}", false)
                .then()
                .body("advisories", equalTo(Map.of()))
                .body("metadata.vulnerabilities.high", equalTo(0));
    }

    @Test
    void invalidAuditRequestIsRefused() {
        for (var body : List.of(
                "", "[]", "{", "7", "{\"a\":1}", "{\"a\":[1]}", "{\"a\":[\"1\"]}x", "\0\0\0x", "\u00ff\u00fe")) {
            post(BULK, body, false).then().statusCode(400).body("error", startsWith("Malformed audit request"));
        }
        for (var body : List.of("", "[]", "{", "{\"dependencies\":{\"a\":", "{} {}")) {
            post(TREE + "/quick", body, false)
                    .then()
                    .statusCode(400)
                    .body("error", startsWith("Malformed audit request"));
        }
        var deep = "{\"dependencies\":{\"a\":".repeat(2000) + "{}" + "}}".repeat(2000);
        post(TREE, deep, true).then().statusCode(400);
        json().header("Content-Encoding", "gzip").body("{}").post(BULK).then().statusCode(400);
        json().header("Content-Encoding", "gzip")
                .body(java.util.Arrays.copyOf(
                        ArchiveFixture.gzip("{\"a\":[\"1\"]}".repeat(9).getBytes()), 20))
                .post(BULK)
                .then()
                .statusCode(400);
        json().header("Content-Encoding", "br").body("{}").post(BULK).then().statusCode(415);
        given().contentType("application/json")
                .body("{}")
                .post(BULK.replace("orchard", "cellar"))
                .then()
                .statusCode(401);
    }

    @Test
    void compressionBombIsRefused() {
        var members =
                IntStream.range(0, 1_500_000).mapToObj(i -> "\"p" + i + "\":[]").collect(Collectors.joining(","));
        json().header("Content-Encoding", "gzip")
                .body(ArchiveFixture.gzip(("{" + members + "}").getBytes()))
                .post(BULK)
                .then()
                .statusCode(413)
                .body("error", containsString("16 MiB"));
        json().header("Content-Encoding", "gzip")
                .body(ArchiveFixture.gzip(("{" + " ".repeat(4 << 20) + "}").getBytes()))
                .post(BULK)
                .then()
                .statusCode(413)
                .body("error", containsString("100 times its size"));
        json().header("Content-Encoding", "gzip")
                .body(ArchiveFixture.gzip(("{" + " ".repeat(900_000) + "}").getBytes()))
                .post(BULK)
                .then()
                .statusCode(200);
    }

    private static Response post(String url, String body, boolean packed) {
        var bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        return packed
                ? json().header("Content-Encoding", "gzip")
                        .body(ArchiveFixture.gzip(bytes))
                        .post(url)
                : json().body(bytes).post(url);
    }
}
