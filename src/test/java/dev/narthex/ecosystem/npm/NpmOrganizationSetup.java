package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;

/** A cache with a member of each role, its package, and requests as these members. */
abstract class NpmOrganizationSetup {
    static final AtomicInteger NUMBERS = new AtomicInteger();
    static final ObjectMapper JSON = new ObjectMapper();
    static final String PACKAGE = "@boat%2foar";

    @Inject
    AccessFixture people;

    Cache cache;
    Someone owner;
    Someone maintainer;
    Someone publisher;
    Someone reader;

    record Someone(long id, String name, String token) {
        String email() {
            return name + "@example.org";
        }
    }

    @BeforeEach
    void aCrewAndItsPackage() {
        begin(true);
    }

    void begin(boolean open) {
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

    Someone member(Role role) {
        var someone = somebody();
        people.member(cache, someone.id, role);
        return someone;
    }

    Someone somebody() {
        long id = people.person(false);
        people.run("update person set email = name || '@example.org' where id = " + id);
        var name = people.column("select name from person where id = " + id).getFirst();
        return new Someone(id, name, people.token(id));
    }

    String at(String path) {
        return "/registry/" + cache.name() + "/npm/" + path;
    }

    String organization(String what) {
        return at("-/org/" + cache.name() + "/" + what);
    }

    String team(String team, String what) {
        return at("-/team/" + cache.name() + "/" + team + "/" + what);
    }

    static RequestSpecification as(Someone who) {
        return as(who.token);
    }

    static RequestSpecification as(String token) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json");
    }

    String role(Someone who) {
        var roles = people.column(
                "select role from membership where person_id = " + who.id + " and cache_id = " + cache.id());
        return roles.isEmpty() ? "" : roles.getFirst();
    }

    List<String> audit(String action) {
        return people.column(
                "select split_part(actor, ':', 3) || ': ' || object from audit where allowed and cache_id = "
                        + cache.id() + " and action = '" + action + "' order by id");
    }

    static List<String> names(ObjectNode document) {
        return document.path("maintainers").findValuesAsText("name");
    }
}
