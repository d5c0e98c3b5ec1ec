package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Members of a cache, as clients of npm see and change them: an organization with four teams, and owners of packages.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmOrganizationTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PACKAGE = "@boat%2foar";

    @Inject
    AccessFixture people;

    private Cache cache;
    private Someone owner;
    private Someone maintainer;
    private Someone publisher;
    private Someone reader;

    private record Someone(long id, String name, String token) {
        String email() {
            return name + "@example.org";
        }
    }

    @BeforeEach
    void aCrewAndItsPackage() {
        begin(true);
    }

    private void begin(boolean open) {
        cache = people.cache("crew-of-" + NUMBERS.incrementAndGet(), open);
        owner = member(Role.OWNER);
        maintainer = member(Role.MAINTAINER);
        publisher = member(Role.PUBLISHER);
        reader = member(Role.READER);
        as(publisher)
                .body(PublishRequestFixture.of("@boat/oar", "1.0.0").body())
                .put(at(PACKAGE))
                .then()
                .statusCode(201);
    }

    private Someone member(Role role) {
        var someone = somebody();
        people.member(cache, someone.id, role);
        return someone;
    }

    private Someone somebody() {
        long id = people.person(false);
        people.run("update person set email = name || '@example.org' where id = " + id);
        var name = people.column("select name from person where id = " + id).getFirst();
        return new Someone(id, name, people.token(id));
    }

    private String at(String path) {
        return "/registry/" + cache.name() + "/npm/" + path;
    }

    private String organization(String what) {
        return at("-/org/" + cache.name() + "/" + what);
    }

    private String team(String team, String what) {
        return at("-/team/" + cache.name() + "/" + team + "/" + what);
    }

    private static RequestSpecification as(Someone who) {
        return as(who.token);
    }

    private static RequestSpecification as(String token) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json");
    }

    private String role(Someone who) {
        var roles = people.column(
                "select role from membership where person_id = " + who.id + " and cache_id = " + cache.id());
        return roles.isEmpty() ? "" : roles.getFirst();
    }

    private List<String> audit(String action) {
        return people.column(
                "select split_part(actor, ':', 3) || ': ' || object from audit where allowed and cache_id = "
                        + cache.id() + " and action = '" + action + "' order by id");
    }

    // ── who is told ──

    @Test
    void maintainersSeeMembers() {
        people.group(cache, "harbour/crew", Role.PUBLISHER);
        var roster = Map.of(
                owner.name,
                "owner",
                maintainer.name,
                "maintainer",
                publisher.name,
                "publisher",
                reader.name,
                "reader",
                "group harbour/crew",
                "publisher");
        for (var who : List.of(owner, maintainer)) {
            assertEquals(roster, as(who).get(organization("user")).jsonPath().getMap(""));
            as(who).get(team("publishers", "user"))
                    .then()
                    .statusCode(200)
                    .body("$", equalTo(List.of(publisher.name, "group harbour/crew")));
            as(who).get(at("-/package/" + PACKAGE + "/collaborators"))
                    .then()
                    .statusCode(200)
                    .body("'" + owner.name + "'", equalTo("write"))
                    .body("'" + publisher.name + "'", equalTo("write"))
                    .body("'" + reader.name + "'", equalTo("read"));
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
    void aMemberOfAPrivateCacheSeesWhatOthersFindAbsent() {
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
    void theTeamsOfTheOneOrganisationAreTheRoles() {
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
    void packagesAreListedWithWhatOneMayDoToThem() {
        as(reader).get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("read"));
        as(publisher).get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("write"));
        given().get(organization("package")).then().statusCode(200).body("'@boat/oar'", equalTo("read"));
        as(reader).get(team("readers", "package")).then().body("'@boat/oar'", equalTo("read"));
        as(reader).get(team("publishers", "package")).then().body("'@boat/oar'", equalTo("write"));
        var own = "-/user/%s/package";
        as(publisher).get(at(own.formatted(publisher.name))).then().body("'@boat/oar'", equalTo("write"));
        as(publisher).get(at(own.formatted(reader.name))).then().statusCode(403);
        as(maintainer).get(at(own.formatted(reader.name))).then().body("'@boat/oar'", equalTo("read"));
        as(maintainer).get(at(own.formatted("nobody-here"))).then().statusCode(404);
        begin(false);
        var stranger = somebody();
        as(maintainer)
                .get(at(own.formatted(stranger.name)))
                .then()
                .statusCode(200)
                .body("$", equalTo(Map.of()));
    }

    // ── addresses ──

    @Test
    void anAddressIsToldToNobodyButWhoseItIs() {
        var document = "-/user/org.couchdb.user:";
        as(reader)
                .get(at(document + reader.name))
                .then()
                .statusCode(200)
                .body("name", equalTo(reader.name))
                .body("email", equalTo(reader.email()));
        as(owner)
                .get(at(document + reader.name))
                .then()
                .statusCode(200)
                .body("name", equalTo(reader.name))
                .body("email", equalTo(""));
        as(owner).get(at(document + reader.email())).then().body("name", equalTo(reader.name));
        as(maintainer).get(at(document + reader.name)).then().statusCode(403);
        as(owner).get(at(document + "nobody-here")).then().statusCode(400).body("error", containsString("signed in"));
        given().get(at(document + reader.name)).then().statusCode(401);
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
        assertTrue(told.stream().anyMatch(answer -> answer.contains(maintainer.name)));
        told.forEach(answer -> assertFalse(answer.contains("@example.org"), answer));
    }

    @Test
    void twoOfOneNameAreToldApart() {
        var twin = member(Role.READER);
        people.run("update person set name = '" + reader.name + "' where id = " + twin.id);
        var names = List.of(reader.name + "#" + reader.id, reader.name + "#" + twin.id);
        as(owner).get(team("readers", "user")).then().body("$", equalTo(names));
        as(owner)
                .body("{\"user\":\"" + reader.name + "\"}")
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

    /** Some providers let people choose what they are called. */
    @ParameterizedTest
    @ValueSource(strings = {"%2$s@example.org", "%2$s", "%2$s#%1$d", "group crew"})
    void nobodyIsTakenForAnother(String pretended) throws IOException {
        people.group(cache, "crew", Role.READER);
        var anna = somebody();
        var crook = member(Role.READER);
        people.run("update person set name = '" + pretended.formatted(anna.id, anna.name) + "' where id = " + crook.id);
        var addressed = as(owner)
                .body("{\"user\":\"" + anna.email() + "\",\"role\":\"admin\"}")
                .put(organization("user"));
        addressed.then().statusCode(200);
        for (var name : List.of(anna.name, anna.name + "#" + anna.id, "group crew")) {
            as(owner).body("{\"user\":\"" + name + "\",\"role\":\"admin\"}").put(organization("user"));
        }
        assertEquals(List.of("maintainer", "reader"), List.of(role(anna), role(crook)));
        Map<String, String> roster =
                as(owner).get(organization("user")).jsonPath().getMap("");
        assertEquals(7, roster.size(), roster.toString());
        assertEquals("reader", roster.get(pretended.formatted(anna.id, anna.name) + "#" + crook.id), roster.toString());
        as(owner)
                .body("{\"user\":\"" + pretended.formatted(anna.id, anna.name) + "#" + crook.id + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(204);
        assertEquals(List.of("maintainer", ""), List.of(role(anna), role(crook)));
    }

    // ── who is what ──

    @Test
    void anOwnerGivesAndTakesRoles() {
        var anna = somebody();
        as(owner)
                .body("{\"user\":\"" + anna.name + "\",\"role\":\"developer\"}")
                .put(organization("user"))
                .then()
                .statusCode(200)
                .body("user", equalTo(anna.name))
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
                .body("{\"user\":\"" + anna.name + "\"}")
                .put(team("readers", "user"))
                .then()
                .statusCode(201);
        assertEquals("reader", role(anna));
        as(owner)
                .body("{\"user\":\"" + anna.name + "\"}")
                .delete(team("owners", "user"))
                .then()
                .statusCode(404);
        as(owner)
                .body("{\"user\":\"" + anna.name + "\"}")
                .delete(team("readers", "user"))
                .then()
                .statusCode(200)
                .header("npm-notice", equalTo(anna.name + " is no member of " + cache.name() + " any more."));
        assertEquals("", role(anna));
        as(owner)
                .body("{\"user\":\"" + publisher.name + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(204);
        as(owner)
                .body("{\"user\":\"" + publisher.name + "\"}")
                .delete(organization("user"))
                .then()
                .statusCode(404);
        var told = "person " + anna.id + " (" + anna.name + ")";
        assertEquals(
                Stream.of(
                                told + " becomes publisher",
                                told + " becomes maintainer",
                                told + " becomes reader",
                                "remove " + told,
                                "remove person " + publisher.id + " (" + publisher.name + ")")
                        .map(act -> owner.name + ": " + act)
                        .toList(),
                audit("configure"));
    }

    @Test
    void onlyOwnersChangeRolesAndTheLastOwnerStays() {
        var body = "{\"user\":\"" + reader.name + "\",\"role\":\"owner\"}";
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
        var self = "{\"user\":\"" + owner.name + "\",\"role\":\"developer\"}";
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
    void whatIsWrongIsNamed(String body, String what) {
        as(owner).body(body).put(organization("user")).then().statusCode(400).body("error", containsString(what));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\\ud800", "nobody-here", "nobody@example.org"})
    void whoIsNotKnownIsNoMember(String who) {
        var answer =
                as(owner).body("{\"user\":\"" + who + "\",\"role\":\"owner\"}").put(organization("user"));
        assertTrue(List.of(400, 404).contains(answer.statusCode()), answer.asString());
    }

    @Test
    void aGroupIsChangedOnAPage() {
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

    // ── owners of a package ──

    private ObjectNode asOwnersRead(Someone who) throws IOException {
        var answer = as(who).header("npm-command", "owner")
                .header("Accept", "application/json")
                .get(at(PACKAGE));
        assertEquals(200, answer.statusCode());
        return (ObjectNode) JSON.readTree(answer.asByteArray());
    }

    private static List<String> names(ObjectNode document) {
        return document.path("maintainers").findValuesAsText("name");
    }

    /** As npm sends the list, after it has read it. */
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
        assertEquals(List.of(owner.name, maintainer.name), names(read));
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
        assertFalse(everybodys.contains(owner.name));
    }

    @Test
    void anOwnerIsAddedAndTakenOut() throws IOException {
        var anna = somebody();
        var read = asOwnersRead(owner);
        send(owner, read, owner.name, maintainer.name, anna.name)
                .then()
                .statusCode(201)
                .header(
                        "npm-notice",
                        equalTo(anna.name + " maintains " + cache.name() + " now, with all packages in it."));
        assertEquals("maintainer", role(anna));
        send(owner, read, owner.name, maintainer.name)
                .then()
                .statusCode(409)
                .body("error", containsString("Document update conflict"));
        assertEquals("maintainer", role(anna));
        send(owner, asOwnersRead(owner), owner.name, maintainer.name)
                .then()
                .statusCode(201)
                .header("npm-notice", equalTo(anna.name + " is no member of " + cache.name() + " any more."));
        assertEquals("", role(anna));
        assertEquals(
                List.of(
                        owner.name + ": person " + anna.id + " (" + anna.name + ") becomes maintainer",
                        owner.name + ": remove person " + anna.id + " (" + anna.name + ")"),
                audit("configure"));
    }

    @Test
    void maintainersDoNotChangeOwners() throws IOException {
        var read = asOwnersRead(maintainer);
        send(maintainer, read, owner.name, maintainer.name, reader.name)
                .then()
                .statusCode(403)
                .body("error", containsString("one must be its owner"));
        send(publisher, read, owner.name).then().statusCode(403);
        assertEquals("reader", role(reader));
        assertEquals(List.of("owner", "maintainer"), List.of(role(owner), role(maintainer)));
    }

    @Test
    void aListThatIsNoneOrTooMuchChangesNothing() throws IOException {
        people.group(cache, "crew", Role.MAINTAINER);
        var read = asOwnersRead(owner);
        assertEquals(List.of(owner.name, maintainer.name, "group crew"), names(read));
        send(owner, read, owner.name, maintainer.name)
                .then()
                .statusCode(403)
                .body("error", containsString("group crew"));
        send(owner, read, maintainer.name, "group crew").then().statusCode(409);
        send(owner, read, owner.name, maintainer.name, "group crew", "nobody-here")
                .then()
                .statusCode(400);
        send(owner, read, owner.name, maintainer.name, "group crew", "").then().statusCode(400);
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

    /** Each sends the list that he read: whoever comes second would take out whom the first added. */
    @Test
    void twoWhoAddAtOnceDoNotUndoEachOther() throws Exception {
        var read = asOwnersRead(owner);
        var fresh = List.of(somebody(), somebody(), somebody(), somebody());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = threads.invokeAll(fresh.stream()
                    .<Callable<Integer>>map(one -> () -> send(owner, read, owner.name, maintainer.name, one.name)
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

    // ── what is not changed here ──

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
    void aPackageIsAsPublicAsItsCache() {
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

    // ── stars ──

    private Response star(Someone who, boolean starred, String... headers) throws IOException {
        var read = (ObjectNode)
                JSON.readTree(as(who).get(at(PACKAGE + "?write=true")).asByteArray());
        var document = JSON.createObjectNode();
        document.set("_id", read.get("_id"));
        document.set("_rev", read.get("_rev"));
        var users = document.putObject("users");
        read.path("users").properties().forEach(user -> users.set(user.getKey(), user.getValue()));
        if (starred) {
            users.put(who.name, true);
        } else {
            users.remove(who.name);
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
        var users = Map.of(reader.name, true, stranger.name, true);
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(users));
        var view = at("-/_view/starredByUser?key=%22");
        given().urlEncodingEnabled(false)
                .get(view + reader.name + "%22")
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
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(Map.of(stranger.name, true)));
        assertEquals(
                List.of(
                        reader.name + ": star npm @boat/oar",
                        stranger.name + ": star npm @boat/oar",
                        reader.name + ": unstar npm @boat/oar"),
                audit("star"));
    }

    /** Other clients do not say what they are about to do. */
    @Test
    void aListOfStarsIsKnownByItself() throws IOException {
        star(publisher, true).then().statusCode(201);
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(Map.of(publisher.name, true)));
        star(reader, true).then().statusCode(403);
    }

    @Test
    void starsAreSetForOneselfOnly() throws IOException {
        star(publisher, true, "star").then().statusCode(201);
        var revision = as(reader).get(at(PACKAGE)).path("_rev");
        as(reader)
                .header("npm-command", "star")
                .body("{\"_rev\":\"" + revision + "\",\"users\":{\"" + maintainer.name + "\":true}}")
                .put(at(PACKAGE))
                .then()
                .statusCode(201);
        given().urlEncodingEnabled(false).get(at(PACKAGE)).then().body("users", equalTo(Map.of(publisher.name, true)));
    }

    @Test
    void starsAreRefusedByTheRules() throws IOException {
        var before = as(reader).get(at(PACKAGE)).asString();
        var revision = as(reader).get(at(PACKAGE)).path("_rev");
        var good = "{\"_rev\":\"" + revision + "\",\"users\":{\"" + reader.name + "\":true}}";
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
        as(people.readOnly(reader.id))
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
