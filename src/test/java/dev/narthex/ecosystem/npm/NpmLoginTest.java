package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Login and logout of clients on a server without an identity provider. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmLoginTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    private Cache cache;
    private long person;
    private String token;

    @BeforeEach
    void aMember() {
        cache = people.cache("crew-" + NUMBERS.incrementAndGet(), false);
        person = people.person(false);
        people.member(cache, person, Role.PUBLISHER);
        token = people.token(person);
    }

    private String at(String path) {
        return "/registry/" + cache.name() + "/npm/-/" + path;
    }

    private static RequestSpecification as(String token) {
        return given().header("Authorization", "Bearer " + token).contentType("application/json");
    }

    private String name() {
        return people.column("select name from person where id = " + person).getFirst();
    }

    @Test
    void whoamiReturnsTheOwnerOfTheToken() {
        as(token).get(at("whoami")).then().statusCode(200).body("username", equalTo(name()));
        as(token)
                .get(at("npm/v1/user"))
                .then()
                .statusCode(200)
                .body("name", equalTo(name()))
                .body("tfa", equalTo(false));
        as("nrx_wrong").get(at("whoami")).then().statusCode(401).contentType(startsWith("application/json"));
        given().get(at("whoami")).then().statusCode(401);
    }

    @Test
    void tokenIsAcceptedAsPassword() {
        given().urlEncodingEnabled(false)
                .contentType("application/json")
                .body("{\"name\":\"anyone\",\"password\":\"" + token + "\"}")
                .put(at("user/org.couchdb.user:anyone"))
                .then()
                .statusCode(201)
                .body("token", equalTo(token))
                .body("ok", containsString(name()));
        for (var body :
                new String[] {"{\"password\":\"secret\"}", "{}", "{\"password\":\"" + people.expired() + "\"}"}) {
            given().urlEncodingEnabled(false)
                    .contentType("application/json")
                    .body(body)
                    .put(at("user/org.couchdb.user:anyone"))
                    .then()
                    .statusCode(401)
                    .body("error", containsString("token"));
        }
        given().urlEncodingEnabled(false)
                .body("[")
                .put(at("user/org.couchdb.user:anyone"))
                .then()
                .statusCode(400);
    }

    @Test
    void logoutRevokesOnlyTheUsedToken() {
        var other = people.token(person);
        as(token).delete(at("user/token/" + other)).then().statusCode(200);
        as(other).get(at("whoami")).then().statusCode(200);
        as(token).delete(at("user/token/" + token)).then().statusCode(200);
        as(token).get(at("whoami")).then().statusCode(401);
    }

    @Test
    void tokenListsAndRevokesItselfOnly() {
        var other = people.token(person);
        as(token)
                .get(at("npm/v1/tokens"))
                .then()
                .statusCode(200)
                .body("objects.size()", equalTo(1))
                .body("objects[0].name", equalTo("test"))
                .body("total", equalTo(1));
        String foreign = as(other).get(at("npm/v1/tokens")).path("objects[0].key");
        as(token).delete(at("npm/v1/tokens/token/" + foreign)).then().statusCode(404);
        as(other).get(at("whoami")).then().statusCode(200);
        as(token)
                .body("{}")
                .post(at("npm/v1/tokens"))
                .then()
                .statusCode(403)
                .body("error", containsString("/me/tokens"));
        String own = as(token).get(at("npm/v1/tokens")).path("objects[0].key");
        as(token).delete(at("npm/v1/tokens/token/" + own)).then().statusCode(204);
        as(token).get(at("whoami")).then().statusCode(401);
    }

    /** Clients then prompt for name and password; the password is a token. */
    @Test
    void webLoginNeedsAProvider() {
        given().body("{}").post(at("v1/login")).then().statusCode(404).contentType(startsWith("application/json"));
        given().get(at("v1/login/" + "0".repeat(64))).then().statusCode(404);
        assertEquals(0, people.number("select count(*) from client_login"));
    }
}
