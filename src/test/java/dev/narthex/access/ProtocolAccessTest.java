package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.Header;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Permissions over HTTP, for every protocol adapter. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
public class ProtocolAccessTest {
    static final String SEALED = "qzvx-sealed";
    static final String ABSENT = "qzvx-absent";
    private static final String OPEN = "qzvx-opened";
    private static final String HASH = "0".repeat(32);
    public static final StorePath SECRET = PortalFixture.path("lantern-1.0.0.tgz");

    private static boolean filled;

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache sealed;

    @BeforeEach
    void caches() {
        sealed = people.cache(SEALED, false);
        people.cache(OPEN, true);
        if (!filled) {
            filled = true;
            var tarball = PortalFixture.tarball("package.json", "{\"name\":\"lantern\",\"version\":\"1.0.0\"}");
            new PortalFixture(SEALED, recognition).put(SECRET, PortalFixture.file(tarball), Optional.empty());
        }
    }

    /** Otherwise a test that the path is hidden would prove nothing. */
    @Test
    void privateCacheExistsForItsMembers() {
        var token = people.token(Optional.empty(), AccessFixture.everything());
        for (var path : List.of(
                "/%s/" + SECRET.hash() + ".narinfo",
                "/%s/nar/" + SECRET.hash() + ".nar",
                "/%s/npm/lantern",
                "/registry/%s/npm/lantern")) {
            with(token).get(path.formatted(SEALED)).then().statusCode(200);
        }
    }

    @Test
    void pushDoesNotRevealPathsOfOtherCaches() {
        new PortalFixture(SEALED, recognition).put("secret-1", PortalFixture.file(bytes("secret")));
        assertEquals(pushed("unseen"), pushed("secret"));
    }

    /** Returns the statements of the first push of these bytes to a cache in another dedup domain. */
    private List<String> pushed(String content) {
        var shelf = new PortalFixture(OPEN, recognition);
        return RecordingDriver.ofRequests(() -> shelf.put(content + "-2", PortalFixture.file(bytes(content))));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static RequestSpecification with(String token) {
        var request = given().redirects().follow(false);
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    static String unknown() {
        return TokenFormat.generate(new SecureRandom());
    }

    // ── private and absent caches ──

    @ParameterizedTest
    @CsvSource({
        "GET, /%s",
        "GET, /%s/npm",
        "GET, /%s/npm/lantern",
        "GET, /%s/path/HASH",
        "GET, /api/%s",
        "GET, /api/%s/npm/lantern",
        "GET, /%s/nix-cache-info",
        "GET, /%s/HASH.narinfo",
        "HEAD, /%s/HASH.narinfo",
        "GET, /%s/HASH.ls",
        "GET, /%s/nar/NAR",
        "GET, /%s/log/x.drv",
        "PUT, /%s/HASH.narinfo",
        "PUT, /%s/HASH.ls",
        "PUT, /%s/nar/x.nar.xz",
        "PUT, /%s/log/x.drv",
        "PUT, /_api/v1/%s/derivation-meta",
        "GET, /_api/v1/cache-config/%s",
        "GET, /%s/attic-cache-info",
        "GET, /registry/%s/npm/lantern",
        "GET, /registry/%s/npm/lantern/-/lantern-1.0.0.tgz",
        "GET, /registry/%s/npm/-/v1/search?text=x",
        "GET, /registry/%s/pypi/simple/",
        "GET, /registry/%s/pypi/simple/lantern/",
        "PUT, /_api/v1/%s/members/people/1",
        "GET, /_api/v1/%s/audit",
    })
    void aPrivateCacheAnswersAsAnAbsentOne(String method, String template) {
        var path = template.replace("HASH", SECRET.hash()).replace("NAR", SECRET.hash() + ".nar");
        for (var token : List.of("", unknown(), people.token(people.person(false)))) {
            var hidden = heard(() -> with(token).body("x".getBytes()).request(method, path.formatted(SEALED)));
            var absent = heard(() -> with(token).body("x".getBytes()).request(method, path.formatted(ABSENT)));
            assertEquals(absent, hidden, method + " " + path + " with " + (token.isEmpty() ? "nothing" : "a token"));
            assertTrue(Set.of(401, 404).contains(hidden.status()), method + " " + path + " " + hidden);
            var page = heard(() -> with(token).accept("text/html").request(method, path.formatted(SEALED)));
            assertEquals(
                    heard(() -> with(token).accept("text/html").request(method, path.formatted(ABSENT))),
                    page,
                    method + " " + path);
        }
    }

    @Test
    void atticResponsesDoNotRevealPathsOfOtherCaches() {
        for (var token : List.of("", unknown(), people.token(people.person(false)))) {
            assertEquals(missing(token, ABSENT), missing(token, SEALED));
        }
    }

    private static Answer missing(String token, String cache) {
        var body = "{\"cache\":\"" + cache + "\",\"store_path_hashes\":[\"" + HASH + "\"]}";
        return heard(() -> with(token).body(body).post("/_api/v1/get-missing-paths"));
    }

    /** Everything that a caller can observe, and its cost, with a placeholder for the two names. */
    record Answer(int status, List<String> headers, String body, List<String> statements) {}

    static Answer heard(Supplier<Response> call) {
        // from here on, caches in memory are filled
        call.get();
        var answer = new Response[1];
        var statements = RecordingDriver.ofRequests(() -> answer[0] = call.get());
        // names of equal length may compress to different lengths
        boolean packed = answer[0].header("Content-Encoding") != null;
        var headers = answer[0].headers().asList().stream()
                .filter(header -> !header.hasSameNameAs(new Header("Date", ""))
                        && !header.hasSameNameAs(new Header("X-Request-Id", ""))
                        && !(packed && header.hasSameNameAs(new Header("Content-Length", ""))))
                .map(Header::toString)
                .map(ProtocolAccessTest::neutral)
                .sorted()
                .toList();
        return new Answer(answer[0].statusCode(), headers, neutral(answer[0].asString()), statements);
    }

    private static String neutral(String text) {
        return text.replace(SEALED, "CACHE").replace(ABSENT, "CACHE");
    }

    // ── cost ──

    @Test
    void accessCheckRunsAtMostOneStatement() {
        var narinfo = "/%s/" + HASH + ".narinfo";
        var member = people.person(false);
        people.member(sealed, member, Role.READER);
        var token = people.token(member);
        var anonymous = heard(() -> with("").get(narinfo.formatted(OPEN)));
        assertEquals(404, anonymous.status());
        assertEquals(List.of(), decisions(anonymous), anonymous.statements().toString());
        assertEquals(List.of(), decisions(heard(() -> with(token).get(narinfo.formatted(OPEN)))));
        var reader = heard(() -> with(token).get(narinfo.formatted(SEALED)));
        assertEquals(404, reader.status());
        assertEquals(1, decisions(reader).size(), reader.statements().toString());
        assertEquals(
                anonymous.statements().size() + 1,
                reader.statements().size(),
                reader.statements().toString());
    }

    private static List<String> decisions(Answer answer) {
        return answer.statements().stream()
                .filter(sql -> sql.matches("(?s).*\\b(token|person|membership)\\b.*"))
                .toList();
    }

    @Test
    void accessCheckUsesIndexes() {
        people.run("""
                insert into dedup_domain default values;
                insert into cache (name, domain_id) select 'crowd-' || i, (select max(id) from dedup_domain)
                  from generate_series(1, 10000) i;
                insert into person (issuer, subject, name, groups) select 'crowd', i, 'p' || i, array['g' || i % 100]
                  from generate_series(1, 10000) i;
                insert into token (hash, person_id, label, scope)
                  select sha256(convert_to('crowd' || p.id || '-' || i, 'UTF8')), p.id, 'x', '{}'
                  from generate_series(1, 10) i, person p where p.issuer = 'crowd';
                insert into membership (cache_id, person_id, role)
                  select (select max(id) from cache where name like 'crowd-%'), id, 'reader' from person where issuer = 'crowd';
                insert into membership (cache_id, group_name, role)
                  select c.id, 'g' || i, 'reader' from cache c, generate_series(1, 5) i where c.name like 'crowd-%';
                analyze token, person, membership, cache;""");
        try {
            var member = people.person(false, "g1", "g2");
            people.member(sealed, member, Role.READER);
            var token = people.token(member);
            var one = decisions(heard(() -> with(token).get("/" + SEALED + "/nix-cache-info")));
            assertEquals(1, one.size());
            var all = decisions(heard(() -> with(token).get("/api/caches")));
            assertEquals(2, all.size(), all.toString());
            for (var sql : List.of(one.getFirst(), all.get(0), all.get(1))) {
                var plan = people.plan(sql);
                assertFalse(plan.contains("Seq Scan"), plan);
            }
        } finally {
            people.run("delete from cache where name like 'crowd-%'; delete from person where issuer = 'crowd'");
        }
    }

    // ── permissions of members ──

    @ParameterizedTest
    @CsvSource({
        "READER, 200, 403",
        "PUBLISHER, 200, 400",
        "MAINTAINER, 200, 400",
        "OWNER, 200, 400",
    })
    void aMembersTokenMayWhatHeMay(Role role, int reads, int pushes) {
        var cache = people.cache("qzvx-role-" + role, false);
        var member = people.person(false, "g");
        people.member(cache, member, role);
        var token = people.token(member);
        with(token).get("/" + cache.name() + "/nix-cache-info").then().statusCode(reads);
        with(token).get("/api/" + cache.name()).then().statusCode(reads);
        with(token).get("/registry/" + cache.name() + "/pypi/simple/").then().statusCode(reads);
        with(token).get("/_api/v1/cache-config/" + cache.name()).then().statusCode(reads);
        push(token, cache.name()).then().statusCode(pushes);
        with(token).get("/api/caches").then().body("caches.name", hasItem(cache.name()));
        with(people.token(people.person(false)))
                .get("/api/caches")
                .then()
                .body("caches.name", not(hasItem(cache.name())));
    }

    private static Response push(String token, String cache) {
        return with(token).body("no narinfo").put("/" + cache + "/" + HASH + ".narinfo");
    }

    @Test
    void membersInheritTheRoleOfTheirGroup() {
        var cache = people.cache("qzvx-group", false);
        people.group(cache, "growers", Role.PUBLISHER);
        people.group(cache, "guests", Role.READER);
        push(people.token(people.person(false, "guests", "growers")), cache.name())
                .then()
                .statusCode(400);
        push(people.token(people.person(false, "guests")), cache.name()).then().statusCode(403);
        push(people.token(people.person(false, "others")), cache.name()).then().statusCode(404);
    }

    @Test
    void tokenLosesPermissionsThatItsOwnerLoses() {
        var cache = people.cache("qzvx-leaver", false);
        var member = people.person(false);
        people.member(cache, member, Role.PUBLISHER);
        var token = people.token(member);
        push(token, cache.name()).then().statusCode(400);
        people.run("update membership set role = 'reader' where person_id = " + member);
        push(token, cache.name()).then().statusCode(403);
        people.run("delete from membership where person_id = " + member);
        push(token, cache.name()).then().statusCode(404);
        with(token).get("/" + cache.name() + "/nix-cache-info").then().statusCode(404);
    }

    @Test
    void scopeLimitsCachesAndActions() {
        var push = people.token(Optional.empty(), Scope.of(List.of(new NamePattern("qzvx-sea*")), Set.of(Action.PUSH)));
        push(push, SEALED).then().statusCode(400);
        push(push, OPEN).then().statusCode(403).body(containsString("scope"));
        push(push, "main").then().statusCode(403);
        var read = people.token(Optional.empty(), Scope.of(List.of(new NamePattern(SEALED)), Set.of(Action.READ)));
        with(read).get("/" + SEALED + "/nix-cache-info").then().statusCode(200);
        push(read, SEALED).then().statusCode(403);
    }

    // ── credentials ──

    @Test
    void tokenFormatsOfAllClientsWork() {
        var token = people.token(Optional.empty(), AccessFixture.everything());
        var info = "/" + SEALED + "/nix-cache-info";
        given().auth().preemptive().basic("anyone", token).get(info).then().statusCode(200);
        given().auth().preemptive().basic("__token__", token).get(info).then().statusCode(200);
        given().header("Authorization", "bearer " + token).get(info).then().statusCode(200);
        given().header("Authorization", token).get(info).then().statusCode(200);
    }

    @Test
    void expiredRevokedAndUnknownTokensAreInvalid() {
        var revoked = people.token(Optional.empty(), AccessFixture.everything());
        with(revoked).get("/" + SEALED + "/nix-cache-info").then().statusCode(200);
        people.run("update token set revoked_at = now() where id = (select max(id) from token)");
        for (var bad : List.of(revoked, people.expired(), unknown(), "nrx_short", "x")) {
            with(bad).get("/" + SEALED + "/nix-cache-info").then().statusCode(401);
            with(bad).get("/registry/" + OPEN + "/pypi/simple/").then().statusCode(401);
            push(bad, OPEN).then().statusCode(401);
            // nix continues anonymously
            with(bad).get("/" + OPEN + "/nix-cache-info").then().statusCode(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic ???", "Digest x", "Basic ", "Bearer"})
    void malformedAuthorizationHeaderIsIgnored(String header) {
        given().header("Authorization", header)
                .get("/" + SEALED + "/nix-cache-info")
                .then()
                .statusCode(401);
    }

    @Inject
    TokenLastUse uses;

    @Test
    void lastUseIsWrittenOncePerDay() {
        var token = people.token(Optional.empty(), AccessFixture.everything());
        var id = people.number("select max(id) from token");
        var day =
                "select coalesce(last_used = (now() at time zone 'utc')::date, false)::int from token where id = " + id;
        with(token).get("/" + SEALED + "/nix-cache-info").then().statusCode(200);
        uses.write();
        assertEquals(1, people.number(day));
        var version = "select xmin::text::bigint from token where id = " + id;
        var before = people.number(version);
        with(token).get("/" + SEALED + "/nix-cache-info").then().statusCode(200);
        uses.write();
        assertEquals(before, people.number(version));
    }

    @Inject
    Access access;

    @Test
    void recognizedReleaseIsReleasedIfItsPusherMayPublish() {
        var cache = people.cache("qzvx-mine", false);
        var publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        var all = List.of(NamePattern.ALL);
        people.token(
                Optional.of(publisher),
                new Scope(false, all, List.of(new NamePattern("npm")), all, Set.of(Action.PUSH, Action.PUBLISH)));
        var name = "token:" + people.number("select max(id) from token") + ":test";
        assertTrue(access.mayPublish(name, cache, "npm", "lantern"));
        assertFalse(access.mayPublish(name, cache, "pypi", "lantern"));
        assertFalse(access.mayPublish(name, sealed, "npm", "lantern"));
        assertTrue(access.mayPublish("person:" + publisher + ":anna", cache, "npm", "lantern"));
        assertFalse(access.mayPublish("person:" + publisher + ":anna", sealed, "npm", "lantern"));
        for (var nobody :
                List.of("", "anonymous", "token:0:x", "token:x:y", "person:1", "token:99999999999999999999:x")) {
            assertFalse(access.mayPublish(nobody, cache, "npm", "lantern"), nobody);
        }
        people.run("update token set expires_at = now() where person_id = " + publisher);
        assertTrue(access.mayPublish(name, cache, "npm", "lantern"));
        people.run("update token set revoked_at = now() where person_id = " + publisher);
        assertFalse(access.mayPublish(name, cache, "npm", "lantern"));
    }
}
