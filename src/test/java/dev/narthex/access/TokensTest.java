package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.problem.ProblemException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tokens are created, listed and revoked. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class TokensTest {
    private static final String TOKENS = "/_api/v1/tokens";
    private static final String USUAL = "\"label\":\"ci\",\"caches\":[\"main\"],\"actions\":[\"read\",\"push\"]";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Principal ADMIN = new Principal.Token(1, "root", Scope.ADMIN, Optional.empty());
    private static final Principal ANNA = new Principal.Person(7, "anna", false, Set.of());

    @Inject
    AccessFixture people;

    private String admin() {
        return people.token(Optional.empty(), Scope.ADMIN);
    }

    private static Response make(String maker, String json) {
        return given().header("Authorization", "Bearer " + maker)
                .body("{" + json + "}")
                .post(TOKENS);
    }

    private static Response list(String token, String query) {
        return given().header("Authorization", "Bearer " + token).get(TOKENS + query);
    }

    private static Response revoke(String token, Number id) {
        return given().header("Authorization", "Bearer " + token).delete(TOKENS + "/" + id);
    }

    @Test
    void tokenIsShownOnceAndWorksUntilRevoked() {
        var admin = admin();
        var made = make(admin, USUAL);
        made.then()
                .statusCode(201)
                .header("Cache-Control", "no-store")
                .body("token", matchesPattern("nrx_[0-9A-Za-z]{42}"))
                .body("is.label", equalTo("ci"))
                .body("is.state", equalTo("valid"))
                .body("is.scope.caches", equalTo(List.of("main")))
                .body("is.scope.packages", equalTo(List.of("*")))
                .body("is.scope.actions", hasItems("read", "push"))
                .body("is.lastUsed", nullValue())
                .body("is.expiresAt", notNullValue());
        var expiry = Instant.parse(made.path("is.expiresAt"));
        assertEquals(90, Math.round(ChronoUnit.MINUTES.between(Instant.now(), expiry) / 1440.0));
        String text = made.path("token");
        Number id = made.path("is.id");
        push(text).then().statusCode(400);
        list(admin, "").then().statusCode(200).body(not(containsString("nrx_"))).body("tokens.id", hasItem(id));
        assertFalse(list(admin, "").asString().contains("hash"));
        revoke(admin, id).then().statusCode(204);
        revoke(admin, id).then().statusCode(204);
        push(text).then().statusCode(401);
        list(admin, "").then().body("tokens.find { it.id == " + id + " }.state", equalTo("revoked"));
    }

    private static Response push(String token) {
        return given().header("Authorization", "Bearer " + token).body("x").put("/main/" + "0".repeat(32) + ".narinfo");
    }

    @Test
    void limitedTokenSeesAndRevokesItselfOnly() {
        var admin = admin();
        var made = make(admin, USUAL);
        String text = made.path("token");
        Number id = made.path("is.id");
        Number other = make(admin, USUAL).path("is.id");
        list(text, "").then().body("tokens.id", equalTo(List.of(id)));
        list(text, "?all=true").then().statusCode(403);
        make(text, USUAL).then().statusCode(403);
        revoke(text, other).then().statusCode(404);
        revoke(text, id).then().statusCode(204);
        list(text, "").then().statusCode(401);
        given().get(TOKENS).then().statusCode(401).contentType("application/problem+json");
        given().body("{}").post(TOKENS).then().statusCode(401);
    }

    @Test
    void adminCreatesTokensForPeopleAndListsAll() {
        var person = people.person(true);
        var admin = people.token(Optional.of(person), Scope.ADMIN);
        var other = people.person(false);
        Number id = make(admin, USUAL + ",\"person\":" + other).path("is.id");
        list(admin, "").then().body("tokens.id", not(hasItem(id)));
        list(admin, "?all=true").then().body("tokens.find { it.id == " + id + " }.person", equalTo((int) other));
        list(admin, "?all=true&before=" + (id.longValue() + 1)).then().body("tokens[0].id", equalTo(id));
        make(admin, USUAL + ",\"person\":999999").then().statusCode(400).body("field", equalTo("person"));
        people.run("update person set admin = false where id = " + person);
        list(admin, "?all=true").then().statusCode(403);
    }

    @Test
    void longListIsPaged() {
        var person = people.person(false);
        people.run("insert into token (hash, person_id, label, scope) select sha256(convert_to('page' || i, 'UTF8')), "
                + person + ", 'x', '{}' from generate_series(1, 250) i");
        var admin = people.token(Optional.of(person), Scope.ADMIN);
        people.run("update person set admin = true where id = " + person);
        var first = list(admin, "");
        first.then().body("tokens", hasSize(100));
        var second = list(admin, "?before=" + first.path("before"));
        second.then().body("tokens", hasSize(100));
        var third = list(admin, "?before=" + second.path("before"));
        third.then().body("tokens", hasSize(51)).body("before", nullValue());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            label    | "caches":["main"],"actions":["read"]
            label    | "label":"  ","caches":["main"],"actions":["read"]
            label    | "label":"a\\u0000b","caches":["main"],"actions":["read"]
            caches   | "label":"x","actions":["read"]
            caches   | "label":"x","caches":[],"actions":["read"]
            caches   | "label":"x","caches":["a*b"],"actions":["read"]
            actions  | "label":"x","caches":["main"]
            actions  | "label":"x","caches":["main"],"actions":["pull"]
            packages | "label":"x","caches":["main"],"actions":["read"],"packages":[""]
            action   | "label":"x","caches":["main"],"action":["read"]
            days     | "label":"x","caches":["main"],"actions":["read"],"days":0
            days     | "label":"x","caches":["main"],"actions":["read"],"days":4000
            days     | "label":"x","caches":["main"],"actions":["read"],"days":"soon"
            caches   | "label":"x","caches":"main","actions":["read"]
            body     | "label":
            """)
    void invalidTokenRequestIsRefusedByField(String field, String json) {
        make(admin(), json)
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("field", equalTo(field));
    }

    @Test
    void bodiesAndIdsAreBounded() {
        make(admin(), "\"label\":\"" + "x".repeat(70_000) + "\"").then().statusCode(413);
        given().header("Authorization", "Bearer " + admin())
                .body("null")
                .post(TOKENS)
                .then()
                .statusCode(400);
        given().header("Authorization", "Bearer " + admin())
                .delete(TOKENS + "/" + "9".repeat(19))
                .then()
                .statusCode(404);
        list(admin(), "?before=x").then().statusCode(404);
    }

    // ── tokens of people ──

    private static TokenRequest request(Optional<Boolean> admin, Optional<Integer> days, Optional<Boolean> never) {
        return new TokenRequest(
                Optional.of("ci"),
                Optional.empty(),
                admin,
                Optional.of(List.of("*")),
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of("read")),
                days,
                never);
    }

    @Test
    void personalTokenBelongsToItsOwnerAndLastsAtMostAYear() {
        var newToken =
                request(Optional.empty(), Optional.of(365), Optional.empty()).validate(ANNA, NOW);
        assertEquals(Optional.of(7L), newToken.owner());
        assertEquals(Optional.of(NOW.plus(365, ChronoUnit.DAYS)), newToken.expiresAt());
        refused(400, request(Optional.empty(), Optional.of(366), Optional.empty()));
        refused(403, request(Optional.empty(), Optional.empty(), Optional.of(true)));
        refused(403, request(Optional.of(true), Optional.empty(), Optional.empty()));
    }

    private static void refused(int status, TokenRequest request) {
        var refusal = assertThrows(ProblemException.class, () -> request.validate(ANNA, NOW));
        assertEquals(status, refusal.problem().status());
    }

    @Test
    void adminTokenMayNeverExpire() {
        var newToken =
                request(Optional.of(true), Optional.empty(), Optional.of(true)).validate(ADMIN, NOW);
        assertEquals(new Tokens.NewToken("ci", Scope.ADMIN, Optional.empty(), Optional.empty()), newToken);
    }

    // ── too many failures ──

    @Test
    void onlyFailuresOfOneAddressAreCounted() {
        var failures = new FailedLoginThrottle(2);
        failures.recordFailure("192.0.2.1");
        failures.recordFailure("192.0.2.1");
        failures.recordFailure("192.0.2.2");
        var refused = assertThrows(ProblemException.class, () -> failures.recordFailure("192.0.2.1"));
        assertEquals(429, refused.problem().status());
        assertTrue(refused.problem().retryAfter().orElse(0) > 0);
        failures.recordFailure("2001:db8:1:2::1");
        failures.recordFailure("2001:db8:1:2:ffff::2");
        assertThrows(ProblemException.class, () -> failures.recordFailure("2001:db8:1:2::3"));
        failures.recordFailure("2001:db8:1:3::1");
        failures.recordFailure("unknown");
    }
}
