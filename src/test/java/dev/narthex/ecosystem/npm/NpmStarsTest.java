package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stars of packages. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmStarsTest extends NpmOrganizationSetup {

    private Response star(Someone who, boolean starred, String... headers) throws IOException {
        var read = (ObjectNode)
                JSON.readTree(as(who).get(at(PACKAGE + "?write=true")).asByteArray());
        var document = JSON.createObjectNode();
        document.set("_id", read.get("_id"));
        document.set("_rev", read.get("_rev"));
        var users = document.putObject("users");
        read.path("users").properties().forEach(user -> users.set(user.getKey(), user.getValue()));
        if (starred) {
            users.put(who.name(), true);
        } else {
            users.remove(who.name());
        }
        var request = as(who).body(document.toString());
        return (headers.length == 0 ? request : request.header("npm-command", headers[0])).put(at(PACKAGE));
    }

    @Test
    void readersOfAPackageCanStarIt() throws IOException {
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("$", not(hasKey("users")));
        var stranger = somebody();
        for (var who : List.of(reader, stranger)) {
            star(who, true, "star").then().statusCode(201);
        }
        star(reader, true, "star").then().statusCode(201);
        var users = Map.of(reader.name(), true, stranger.name(), true);
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(users));
        var view = at("-/_view/starredByUser?key=%22");
        given().urlEncodingEnabled(false)
                .get(view + reader.name() + "%22")
                .then()
                .statusCode(200)
                .body("rows.value", equalTo(List.of("@boat/oar")));
        given().urlEncodingEnabled(false).get(view + "nobody-here%22").then().body("rows", equalTo(List.of()));
        given().urlEncodingEnabled(false)
                .get(view + reader.email() + "%22")
                .then()
                .body("rows", equalTo(List.of()));
        given().urlEncodingEnabled(false).get(view + "%00%22").then().body("rows", equalTo(List.of()));
        star(reader, false, "unstar").then().statusCode(201);
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(Map.of(stranger.name(), true)));
        assertEquals(
                List.of(
                        reader.name() + ": star npm @boat/oar",
                        stranger.name() + ": star npm @boat/oar",
                        reader.name() + ": unstar npm @boat/oar"),
                audit("star"));
    }

    /** Other clients do not announce the command. */
    @Test
    void starListHasAnETag() throws IOException {
        star(publisher, true).then().statusCode(201);
        given().urlEncodingEnabled(false)
                .get(at(PACKAGE))
                .then()
                .body("users", equalTo(Map.of(publisher.name(), true)));
        star(reader, true).then().statusCode(403);
    }

    @Test
    void peopleSetTheirOwnStarsOnly() throws IOException {
        star(publisher, true, "star").then().statusCode(201);
        var revision = as(reader).get(at(PACKAGE)).path("_rev");
        as(reader)
                .header("npm-command", "star")
                .body("{\"_rev\":\"" + revision + "\",\"users\":{\"" + maintainer.name() + "\":true}}")
                .put(at(PACKAGE))
                .then()
                .statusCode(201);
        given().urlEncodingEnabled(false)
                .get(at(PACKAGE))
                .then()
                .body("users", equalTo(Map.of(publisher.name(), true)));
    }

    @Test
    void starsNeedReadPermissionAndAPerson() throws IOException {
        var before = as(reader).get(at(PACKAGE)).asString();
        var revision = as(reader).get(at(PACKAGE)).path("_rev");
        var good = "{\"_rev\":\"" + revision + "\",\"users\":{\"" + reader.name() + "\":true}}";
        given().urlEncodingEnabled(false)
                .header("npm-command", "star")
                .body(good)
                .put(at(PACKAGE))
                .then()
                .statusCode(401);
        as(reader)
                .header("npm-command", "star")
                .body(good.replace(revision + "", "1-x"))
                .put(at(PACKAGE))
                .then()
                .statusCode(409);
        as(reader)
                .header("npm-command", "star")
                .body("{\"users\":[]}")
                .put(at(PACKAGE))
                .then()
                .statusCode(400);
        as(reader)
                .header("npm-command", "star")
                .body(good)
                .put(at("no-boat"))
                .then()
                .statusCode(404);
        as(people.admin())
                .header("npm-command", "star")
                .body(good)
                .put(at(PACKAGE))
                .then()
                .statusCode(403)
                .body("error", containsString("Only people"));
        as(people.readOnly(reader.id()))
                .header("npm-command", "star")
                .body(good)
                .put(at(PACKAGE))
                .then()
                .statusCode(403)
                .body("error", containsString("can only read"));
        assertEquals(before, as(reader).get(at(PACKAGE)).asString());
        assertEquals(List.of(), audit("star"));
    }
}
