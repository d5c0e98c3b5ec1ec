package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Owners add and remove members of a cache. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class MembersTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    private Cache cache;
    private long owner;
    private String token;

    @BeforeEach
    void aCacheAndItsOwner() {
        cache = people.cache("members-" + NUMBERS.incrementAndGet(), false);
        owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        token = people.token(owner);
    }

    private String path(String member) {
        return "/_api/v1/" + cache.name() + "/members" + member;
    }

    private Response put(String by, String member, String role) {
        return given().header("Authorization", "Bearer " + by)
                .urlEncodingEnabled(false)
                .body("{\"role\":\"" + role + "\"}")
                .put(path(member));
    }

    private Response remove(String by, String member) {
        return given().header("Authorization", "Bearer " + by)
                .urlEncodingEnabled(false)
                .delete(path(member));
    }

    private Response list(String by, String query) {
        return given().header("Authorization", "Bearer " + by).get(path(query));
    }

    private int reads(String by) {
        return given().header("Authorization", "Bearer " + by)
                .get("/" + cache.name() + "/nix-cache-info")
                .statusCode();
    }

    @Test
    void memberIsAddedChangedAndRemoved() {
        var anna = people.person(false);
        var hers = people.token(anna);
        assertEquals(404, reads(hers));
        put(token, "/people/" + anna, "reader").then().statusCode(204);
        assertEquals(200, reads(hers));
        put(hers, "/people/" + anna, "owner").then().statusCode(403);
        list(hers, "").then().statusCode(403);
        put(token, "/people/" + anna, "maintainer").then().statusCode(204);
        list(token, "")
                .then()
                .statusCode(200)
                .body("members", hasSize(2))
                .body("members[0].person", equalTo((int) owner))
                .body("members[0].role", equalTo("owner"))
                .body("members[1].person", equalTo((int) anna))
                .body("members[1].role", equalTo("maintainer"))
                .body(
                        "members[1].login",
                        equalTo(people.column("select name from person where id = " + anna)
                                .getFirst()))
                .body("after", nullValue());
        remove(token, "/people/" + anna).then().statusCode(204);
        remove(token, "/people/" + anna).then().statusCode(404);
        assertEquals(404, reads(hers));
    }

    @ParameterizedTest
    @CsvSource({
        "growers, growers",
        "harbour%2Fcrew, harbour/crew",
        "harbour/crew, harbour/crew",
        "m%C3%BCller%20s, müller s"
    })
    void aGroupIsNamedAsItsProviderDoes(String encoded, String name) {
        var member = people.token(people.person(false, '"' + name + '"'));
        put(token, "/groups/" + encoded, "publisher").then().statusCode(204);
        list(token, "").then().body("members[1].group", equalTo(name)).body("members[1].person", nullValue());
        assertEquals(200, reads(member));
        remove(token, "/groups/" + encoded).then().statusCode(204);
        assertEquals(404, reads(member));
    }

    @Test
    void onlyAdminsRemoveTheLastOwner() {
        remove(token, "/people/" + owner).then().statusCode(409).body("title", equalTo("Last owner"));
        put(token, "/people/" + owner, "reader").then().statusCode(409);
        put(token, "/people/" + owner, "owner").then().statusCode(204);
        var second = people.person(false);
        put(token, "/people/" + second, "owner").then().statusCode(204);
        remove(token, "/people/" + owner).then().statusCode(204);
        list(token, "").then().statusCode(404);
        var admin = people.token(Optional.empty(), Scope.ADMIN);
        remove(admin, "/people/" + second).then().statusCode(204);
        list(admin, "").then().body("members", hasSize(0));
    }

    @Test
    void concurrentRemovalOfOwnersLeavesOne() throws InterruptedException {
        var second = people.person(false);
        people.member(cache, second, Role.OWNER);
        var other = people.token(second);
        var start = new CountDownLatch(1);
        try (var both = Executors.newVirtualThreadPerTaskExecutor()) {
            both.submit(() -> {
                start.await();
                return remove(token, "/people/" + second);
            });
            both.submit(() -> {
                start.await();
                return remove(other, "/people/" + owner);
            });
            start.countDown();
        }
        assertEquals(1, people.number("select count(*) from membership where cache_id = " + cache.id()));
    }

    @Test
    void longMemberListIsPaged() {
        people.run("insert into membership (cache_id, group_name, role) select " + cache.id()
                + ", 'g' || i, 'reader' from generate_series(1, 150) i");
        list(token, "").then().body("members", hasSize(100)).body("after", equalTo(100));
        list(token, "?after=100").then().body("members", hasSize(51)).body("after", nullValue());
        list(token, "?after=-1").then().statusCode(400);
    }

    @Test
    void changesAreAudited() {
        var anna = people.person(false);
        put(token, "/people/" + anna, "reader").then().statusCode(204);
        remove(token, "/people/" + anna).then().statusCode(204);
        var told = "person " + anna + " ("
                + people.column("select name from person where id = " + anna).getFirst() + ")";
        given().header("Authorization", "Bearer " + token)
                .get("/_api/v1/" + cache.name() + "/audit?action=configure")
                .then()
                .body("entries.object", equalTo(List.of("remove " + told, told + " becomes reader")));
    }

    @Test
    void invalidMemberIsRefusedByField() {
        put(token, "/people/" + owner, "king").then().statusCode(400).body("field", equalTo("role"));
        put(token, "/people/999999999", "reader").then().statusCode(404);
        put(token, "/groups/%20", "reader").then().statusCode(400).body("field", equalTo("group"));
        put(token, "/groups/" + "x".repeat(201), "reader").then().statusCode(400);
        for (var nobody : Stream.of("x", "").toList()) {
            given().header("Authorization", nobody.isEmpty() ? "" : "Bearer " + nobody)
                    .get(path(""))
                    .then()
                    .statusCode(401);
        }
        var stranger = people.token(people.person(false));
        list(stranger, "").then().statusCode(404);
        put(stranger, "/people/" + owner, "reader").then().statusCode(404);
        remove(stranger, "/people/" + owner).then().statusCode(404);
    }
}
