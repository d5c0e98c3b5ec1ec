package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Owners of packages, and the access of packages. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmOwnersTest extends NpmOrganizationSetup {

    private ObjectNode asOwnersRead(Someone who) throws IOException {
        var answer = as(who).header("npm-command", "owner")
                .header("Accept", "application/json")
                .get(at(PACKAGE));
        assertEquals(200, answer.statusCode());
        return (ObjectNode) JSON.readTree(answer.asByteArray());
    }

    /** Sends the list like npm, after it was read. */
    private Response send(Someone by, ObjectNode read, String... names) {
        var document = JSON.createObjectNode().set("_id", read.get("_id"));
        var list = ((ObjectNode) document).set("_rev", read.get("_rev"));
        var maintainers = ((ObjectNode) list).putArray("maintainers");
        Arrays.stream(names)
                .forEach(name -> maintainers.addObject().put("name", name).put("email", ""));
        return as(by).body(list.toString())
                .put(at(PACKAGE + "/-rev/" + read.path("_rev").asText()));
    }

    @Test
    void maintainersOfTheCacheOwnItsPackages() throws IOException {
        var read = asOwnersRead(maintainer);
        assertEquals(List.of(owner.name(), maintainer.name()), names(read));
        var answer = as(maintainer).header("npm-command", "owner").get(at(PACKAGE));
        assertEquals("no-store", answer.header("Cache-Control"));
        var everybodys = given().urlEncodingEnabled(false).get(at(PACKAGE)).asString();
        for (var who : List.of(publisher, reader, somebody())) {
            assertEquals(
                    everybodys,
                    as(who).header("npm-command", "owner").get(at(PACKAGE)).asString());
        }
        assertEquals(
                everybodys,
                given().urlEncodingEnabled(false)
                        .header("npm-command", "owner")
                        .get(at(PACKAGE))
                        .asString());
        assertFalse(everybodys.contains(owner.name()));
    }

    @Test
    void ownerIsAddedAndRemoved() throws IOException {
        var anna = somebody();
        var read = asOwnersRead(owner);
        send(owner, read, owner.name(), maintainer.name(), anna.name())
                .then()
                .statusCode(201)
                .header(
                        "npm-notice",
                        equalTo(anna.name() + " maintains " + cache.name() + " now, with all packages in it."));
        assertEquals("maintainer", role(anna));
        send(owner, read, owner.name(), maintainer.name())
                .then()
                .statusCode(409)
                .body("error", containsString("Document update conflict"));
        assertEquals("maintainer", role(anna));
        send(owner, asOwnersRead(owner), owner.name(), maintainer.name())
                .then()
                .statusCode(201)
                .header("npm-notice", equalTo(anna.name() + " is no member of " + cache.name() + " any more."));
        assertEquals("", role(anna));
        assertEquals(
                List.of(
                        owner.name() + ": person " + anna.id() + " (" + anna.name() + ") becomes maintainer",
                        owner.name() + ": remove person " + anna.id() + " (" + anna.name() + ")"),
                audit("configure"));
    }

    @Test
    void maintainersDoNotChangeOwners() throws IOException {
        var read = asOwnersRead(maintainer);
        send(maintainer, read, owner.name(), maintainer.name(), reader.name())
                .then()
                .statusCode(403)
                .body("error", containsString("one must be its owner"));
        send(publisher, read, owner.name()).then().statusCode(403);
        assertEquals("reader", role(reader));
        assertEquals(List.of("owner", "maintainer"), List.of(role(owner), role(maintainer)));
    }

    @Test
    void invalidOwnerListChangesNothing() throws IOException {
        people.group(cache, "crew", Role.MAINTAINER);
        var read = asOwnersRead(owner);
        assertEquals(List.of(owner.name(), maintainer.name(), "group crew"), names(read));
        send(owner, read, owner.name(), maintainer.name())
                .then()
                .statusCode(403)
                .body("error", containsString("group crew"));
        send(owner, read, maintainer.name(), "group crew").then().statusCode(409);
        send(owner, read, owner.name(), maintainer.name(), "group crew", "nobody-here")
                .then()
                .statusCode(400);
        send(owner, read, owner.name(), maintainer.name(), "group crew", "")
                .then()
                .statusCode(400);
        var many = Stream.concat(
                names(read).stream(), Stream.iterate(0, i -> i + 1).limit(21).map(i -> "x" + i));
        send(owner, read, many.toArray(String[]::new)).then().statusCode(413);
        var revision = read.path("_rev").asText();
        for (var list : List.of("7", "{}", "[7]", "[{}]", "null")) {
            as(owner)
                    .body("{\"_rev\":\"" + revision + "\",\"maintainers\":" + list + "}")
                    .put(at(PACKAGE + "/-rev/" + revision))
                    .then()
                    .statusCode(400)
                    .body("error", not(equalTo("")));
        }
        assertEquals(List.of("owner", "maintainer"), List.of(role(owner), role(maintainer)));
        assertEquals(List.of(), audit("configure"));
    }

    /** Each sends the list that they read: without a revision check, the second would remove the first one's addition. */
    @Test
    void concurrentAdditionsAreKept() throws Exception {
        var read = asOwnersRead(owner);
        var fresh = List.of(somebody(), somebody(), somebody(), somebody());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = threads.invokeAll(fresh.stream()
                    .<Callable<Integer>>map(one -> () -> send(owner, read, owner.name(), maintainer.name(), one.name())
                            .statusCode())
                    .toList());
            int added = 0;
            for (var answer : answers) {
                assertTrue(List.of(201, 409).contains(answer.get()));
                added += answer.get() == 201 ? 1 : 0;
            }
            assertEquals(1, added);
        }
        assertEquals(
                1, fresh.stream().filter(one -> role(one).equals("maintainer")).count());
        assertEquals("maintainer", role(maintainer));
    }

    @Test
    void changesOfFixedTeamsAreExplained() {
        as(owner)
                .body("{\"name\":\"captains\"}")
                .put(organization("team"))
                .then()
                .statusCode(403)
                .body("error", containsString("npm team add"));
        as(owner).delete(at("-/team/" + cache.name() + "/readers")).then().statusCode(403);
        for (var method : List.of("PUT", "DELETE")) {
            as(owner)
                    .body("{\"package\":\"@boat/oar\",\"permissions\":\"read-only\"}")
                    .request(method, team("readers", "package"))
                    .then()
                    .statusCode(403)
                    .body("error", containsString("npm team add"));
        }
        as(reader)
                .body("{\"email\":\"other@example.org\"}")
                .post(at("-/npm/v1/user"))
                .then()
                .statusCode(403)
                .body("error", containsString("identity provider"));
    }

    @Test
    void packageVisibilityFollowsTheCache() {
        var access = at("-/package/" + PACKAGE + "/access");
        as(maintainer).body("{\"access\":\"public\"}").post(access).then().statusCode(200);
        as(maintainer)
                .body("{\"access\":\"restricted\"}")
                .post(access)
                .then()
                .statusCode(403)
                .body("error", containsString("/" + cache.name() + "/settings"));
        as(maintainer).body("{\"access\":\"secret\"}").post(access).then().statusCode(400);
        as(maintainer)
                .body("{\"publish_requires_tfa\":true,\"automation_token_overrides_tfa\":false}")
                .post(access)
                .then()
                .statusCode(403)
                .body("error", containsString("identity provider"));
        as(publisher).body("{\"access\":\"public\"}").post(access).then().statusCode(403);
        as(maintainer)
                .body("{\"access\":\"public\"}")
                .post(at("-/package/no-boat/access"))
                .then()
                .statusCode(404);
        assertEquals(1, people.number("select count(*) from cache where public and id = " + cache.id()));
    }
}
