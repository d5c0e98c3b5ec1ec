package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a cache through npm clients: an organization with four teams, and package owners. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmOrganizationTest extends NpmOrganizationSetup {

    @Test
    void maintainersSeeMembers() {
        people.group(cache, "harbour/crew", Role.PUBLISHER);
        var roster = Map.of(
                owner.name(),
                "owner",
                maintainer.name(),
                "maintainer",
                publisher.name(),
                "publisher",
                reader.name(),
                "reader",
                "group harbour/crew",
                "publisher");
        for (var who : List.of(owner, maintainer)) {
            assertEquals(roster, as(who).get(organization("user")).jsonPath().getMap(""));
            as(who).get(team("publishers", "user"))
                    .then()
                    .statusCode(200)
                    .body("$", equalTo(List.of(publisher.name(), "group harbour/crew")));
            as(who).get(at("-/package/" + PACKAGE + "/collaborators"))
                    .then()
                    .statusCode(200)
                    .body("'" + owner.name() + "'", equalTo("write"))
                    .body("'" + publisher.name() + "'", equalTo("write"))
                    .body("'" + reader.name() + "'", equalTo("read"));
        }
        for (var who : List.of(publisher, reader, somebody())) {
            for (var path : List.of(
                    organization("user"), team("owners", "user"), at("-/package/" + PACKAGE + "/collaborators"))) {
                as(who).get(path).then().statusCode(403).body("error", containsString("one must be its maintainer"));
            }
        }
        given().get(organization("user")).then().statusCode(401).body("error", containsString("token"));
    }

    @Test
    void privateOrganizationIsAbsentForOthers() {
        begin(false);
        as(reader).get(organization("team")).then().statusCode(200);
        var absent = as(somebody()).get("/registry/no-such-crew/npm/-/org/no-such-crew/team");
        var hidden = as(somebody()).get(organization("team"));
        assertEquals(404, hidden.statusCode());
        assertEquals(
                absent.asString().replace("no-such-crew", "C"),
                hidden.asString().replace(cache.name(), "C"));
    }

    @Test
    void teamsAreTheRoles() {
        as(reader)
                .get(organization("team"))
                .then()
                .statusCode(200)
                .body(
                        "$",
                        equalTo(Stream.of("readers", "publishers", "maintainers", "owners")
                                .map(team -> cache.name() + ":" + team)
                                .toList()));
        as(reader).get(at("-/org/elsewhere/team")).then().statusCode(404).body("error", containsString("elsewhere"));
        as(owner).get(team("captains", "user")).then().statusCode(404).body("error", containsString("captains"));
        as(owner).get(at("-/team/elsewhere/owners/user")).then().statusCode(404);
    }

    @Test
    void packagesAreListedWithPermissions() {
        as(reader).get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("read"));
        as(publisher).get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("write"));
        given().get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("read"));
        as(reader).get(team("readers", "package")).then().body("'@boat/oar'", equalTo("read"));
        as(reader).get(team("publishers", "package")).then().body("'@boat/oar'", equalTo("write"));
        var own = "-/user/%s/package";
        as(publisher).get(at(own.formatted(publisher.name()))).then().body("'@boat/oar'", equalTo("write"));
        as(publisher).get(at(own.formatted(reader.name()))).then().statusCode(403);
        as(maintainer).get(at(own.formatted(reader.name()))).then().body("'@boat/oar'", equalTo("read"));
        as(maintainer).get(at(own.formatted("nobody-here"))).then().statusCode(404);
        begin(false);
        var stranger = somebody();
        as(maintainer)
                .get(at(own.formatted(stranger.name())))
                .then()
                .statusCode(200)
                .body("$", equalTo(Map.of()));
    }

    @Test
    void emailAddressIsShownToItsOwnerOnly() {
        var document = "-/user/org.couchdb.user:";
        as(reader)
                .get(at(document + reader.name()))
                .then()
                .statusCode(200)
                .body("name", equalTo(reader.name()))
                .body("email", equalTo(reader.email()));
        as(owner)
                .get(at(document + reader.name()))
                .then()
                .statusCode(200)
                .body("name", equalTo(reader.name()))
                .body("email", equalTo(""));
        as(owner).get(at(document + reader.email())).then().body("name", equalTo(reader.name()));
        as(maintainer).get(at(document + reader.name())).then().statusCode(403);
        as(owner).get(at(document + "nobody-here")).then().statusCode(400).body("error", containsString("signed in"));
        given().get(at(document + reader.name())).then().statusCode(401);
        as(reader)
                .get(at("-/npm/v1/user"))
                .then()
                .body("email", equalTo(reader.email()))
                .body("email_verified", equalTo(true));
        var told = Stream.of(owner, maintainer, reader)
                .flatMap(who -> Stream.of(
                                organization("user"),
                                team("readers", "user"),
                                at("-/package/" + PACKAGE + "/collaborators"),
                                at(PACKAGE))
                        .flatMap(path -> Stream.of(
                                as(who).get(path),
                                as(who).header("npm-command", "owner").get(path))))
                .map(Response::asString)
                .toList();
        assertTrue(told.stream().anyMatch(answer -> answer.contains(maintainer.name())));
        told.forEach(answer -> assertFalse(answer.contains("@example.org"), answer));
    }

    @Test
    void peopleWithTheSameNameAreDistinguished() {
        var twin = member(Role.READER);
        people.run("update person set name = '" + reader.name() + "' where id = " + twin.id());
        var names = List.of(reader.name() + "#" + reader.id(), reader.name() + "#" + twin.id());
        as(owner).get(team("readers", "user")).then().body("$", equalTo(names));
        as(owner)
                .body("{\"user\":\"" + reader.name() + "\"}")
                .put(team("publishers", "user"))
                .then()
                .statusCode(400)
                .body("error", containsString("Several people"));
        as(owner)
                .body("{\"user\":\"" + names.getLast() + "\"}")
                .put(team("publishers", "user"))
                .then()
                .statusCode(201);
        assertEquals(List.of("reader", "publisher"), List.of(role(reader), role(twin)));
    }

    /** Some providers let people choose their display name. */
    @ParameterizedTest
    @ValueSource(strings = {"%2$s@example.org", "%2$s", "%2$s#%1$d", "group crew"})
    void nameCannotImpersonateAnotherPerson(String pretended) throws IOException {
        people.group(cache, "crew", Role.READER);
        var anna = somebody();
        var crook = member(Role.READER);
        people.run("update person set name = '" + pretended.formatted(anna.id(), anna.name()) + "' where id = "
                + crook.id());
        var addressed = as(owner)
                .body("{\"user\":\"" + anna.email() + "\",\"role\":\"admin\"}")
                .put(organization("user"));
        addressed.then().statusCode(200);
        for (var name : List.of(anna.name(), anna.name() + "#" + anna.id(), "group crew")) {
            as(owner).body("{\"user\":\"" + name + "\",\"role\":\"admin\"}").put(organization("user"));
        }
        assertEquals(List.of("maintainer", "reader"), List.of(role(anna), role(crook)));
        Map<String, String> roster =
                as(owner).get(organization("user")).jsonPath().getMap("");
        assertEquals(7, roster.size(), roster.toString());
        assertEquals(
                "reader",
                roster.get(pretended.formatted(anna.id(), anna.name()) + "#" + crook.id()),
                roster.toString());
        as(owner)
                .body("{\"user\":\"" + pretended.formatted(anna.id(), anna.name()) + "#" + crook.id() + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(204);
        assertEquals(List.of("maintainer", ""), List.of(role(anna), role(crook)));
    }

    @Test
    void ownerSetsAndRemovesRoles() {
        var anna = somebody();
        as(owner)
                .body("{\"user\":\"" + anna.name() + "\",\"role\":\"developer\"}")
                .put(organization("user"))
                .then()
                .statusCode(200)
                .body("user", equalTo(anna.name()))
                .body("role", equalTo("publisher"))
                .body("org.name", equalTo(cache.name()))
                .body("org.size", equalTo(5));
        as(owner)
                .body("{\"user\":\"" + anna.email() + "\",\"role\":\"admin\"}")
                .put(organization("user"))
                .then()
                .statusCode(200);
        assertEquals("maintainer", role(anna));
        as(owner)
                .body("{\"user\":\"" + anna.name() + "\"}")
                .put(team("readers", "user"))
                .then()
                .statusCode(201);
        assertEquals("reader", role(anna));
        as(owner)
                .body("{\"user\":\"" + anna.name() + "\"}")
                .delete(team("owners", "user"))
                .then()
                .statusCode(404);
        as(owner)
                .body("{\"user\":\"" + anna.name() + "\"}")
                .delete(team("readers", "user"))
                .then()
                .statusCode(200)
                .header("npm-notice", equalTo(anna.name() + " is no member of " + cache.name() + " any more."));
        assertEquals("", role(anna));
        as(owner)
                .body("{\"user\":\"" + publisher.name() + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(204);
        as(owner)
                .body("{\"user\":\"" + publisher.name() + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(404);
        var told = "person " + anna.id() + " (" + anna.name() + ")";
        assertEquals(
                Stream.of(
                                told + " becomes publisher",
                                told + " becomes maintainer",
                                told + " becomes reader",
                                "remove " + told,
                                "remove person " + publisher.id() + " (" + publisher.name() + ")")
                        .map(act -> owner.name() + ": " + act)
                        .toList(),
                audit("configure"));
    }

    @Test
    void onlyOwnersChangeRolesExceptTheLastOwners() {
        var body = "{\"user\":\"" + reader.name() + "\",\"role\":\"owner\"}";
        for (var who : List.of(maintainer, publisher, reader, somebody())) {
            as(who).body(body)
                    .put(organization("user"))
                    .then()
                    .statusCode(403)
                    .body("error", containsString("its owner"));
            as(who).body(body).delete(organization("user")).then().statusCode(403);
            as(who).body(body).put(team("owners", "user")).then().statusCode(403);
            as(who).body(body).delete(team("readers", "user")).then().statusCode(403);
        }
        var self = "{\"user\":\"" + owner.name() + "\",\"role\":\"developer\"}";
        as(owner)
                .body(self)
                .put(organization("user"))
                .then()
                .statusCode(409)
                .body("error", containsString("last owner"));
        as(owner).body(self).delete(organization("user")).then().statusCode(409);
        as(owner).body(self).delete(team("owners", "user")).then().statusCode(409);
        assertEquals(List.of("owner", "reader"), List.of(role(owner), role(reader)));
        assertEquals(List.of(), audit("configure"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|user",
                "{\"user\":\"\"}|user",
                "{\"user\":7,\"role\":\"king\"}|role",
                "{\"user\":\"x\\u0000\",\"role\":\"owner\"}|user",
                "{\"user\":\"x\"}|role",
                "[]|body",
                "{|body",
            })
    void invalidRequestIsExplained(String body, String what) {
        as(owner).body(body).put(organization("user")).then().statusCode(400).body("error", containsString(what));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\\ud800", "nobody-here", "nobody@example.org"})
    void unknownPersonIsNotFound(String who) {
        var answer =
                as(owner).body("{\"user\":\"" + who + "\",\"role\":\"owner\"}").put(organization("user"));
        assertTrue(List.of(400, 404).contains(answer.statusCode()), answer.asString());
    }

    @Test
    void groupsAreChangedOnTheSettingsPage() {
        people.group(cache, "crew", Role.MAINTAINER);
        var body = "{\"user\":\"group crew\",\"role\":\"owner\"}";
        as(owner)
                .body(body)
                .put(organization("user"))
                .then()
                .statusCode(403)
                .body("error", containsString("/settings"));
        as(owner).body(body).delete(organization("user")).then().statusCode(403);
        assertEquals(
                1,
                people.number("select count(*) from membership where role = 'maintainer' and group_name = 'crew'"
                        + " and cache_id = " + cache.id()));
    }
}
