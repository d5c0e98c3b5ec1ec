package dev.narthex.web.admin;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.search.support.IndexWaiter;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Admin pages and API with tokens. Forms are tested with signed-in people. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class AdminPagesTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String JOBS = "/_api/v1/admin/jobs/";
    /** A real kind of job, which fails for keys that are no cache ids. */
    private static final String KIND = "remove-cache";

    private static final String OURS =
            " from scheduled_tasks where task_name = '" + KIND + "' and task_instance like 'admin-test%'";

    private static final Pattern ENTRY = Pattern.compile("entry (\\d+)<");
    private static final Pattern OLDER = Pattern.compile("href=\"([^\"]+)\">Older entries");

    @Inject
    AccessFixture people;

    private String admin;
    private String key;

    @BeforeEach
    void anAdmin() {
        admin = people.token(Optional.of(people.person(true)), Scope.ADMIN);
        key = "admin-test-" + NUMBERS.incrementAndGet();
    }

    @AfterEach
    void noJobsOfOurs() {
        people.run("delete" + OURS);
    }

    private static Response get(String token, String address) {
        var request = given().accept("text/html");
        return (token.isEmpty() ? request : request.header("Authorization", "Bearer " + token)).get(address);
    }

    /** A job that is not due and has failed before. */
    private void job(String name, int failures, String reason) {
        people.run("""
                insert into scheduled_tasks (task_name, task_instance, execution_time, picked, version, priority,
                  consecutive_failures, last_failure, task_data)
                values ('%s', '%s', '2100-01-01T00:00:00Z', false, 1, 10, %d, now(), convert_to('%s', 'UTF8'))""".formatted(KIND, name, failures, reason));
    }

    private Response act(String method, String below) {
        return given().header("Authorization", "Bearer " + admin).request(method, JOBS + KIND + "/" + below);
    }

    private List<String> column(String what) {
        return people.column("select " + what + OURS + " and task_instance = '" + key + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin",
                "/admin/storage",
                "/admin/jobs",
                "/admin/caches",
                "/admin/people",
                "/admin/audit",
                "/admin/audit?format=csv",
                "/admin/audit?days=x"
            })
    void adminPagesAreAbsentForOthers(String page) {
        get(admin, page).then().statusCode(page.endsWith("days=x") ? 400 : 200).header("Cache-Control", "no-store");
        var owner = people.person(false);
        people.member(people.cache("admin-pages", false), owner, Role.OWNER);
        for (var token : List.of("", "nrx_garbage", people.token(people.person(false)), people.token(owner))) {
            var there = get(token, page);
            var absent = get(token, page.replace("admin", "absent-page"));
            assertEquals(404, there.statusCode(), token);
            assertEquals(absent.asString().replace("absent-page", "admin"), there.asString(), token);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/admin,         storage.caches",
        "/admin/storage, caches",
        "/admin/jobs,    queue.waiting",
        "/admin/caches,  caches.name",
        "/admin/people,  total",
        "/admin/audit,   days.date"
    })
    void aPageOfAdminsIsThereAsJson(String page, String member) {
        get(admin, page)
                .then()
                .body(
                        containsString("<li><a href=\"/api" + page + "\">JSON</a></li>"),
                        containsString("type=\"application/json\" href=\"/api" + page + "\""));
        given().header("Authorization", "Bearer " + admin)
                .get("/api" + page)
                .then()
                .statusCode(200)
                .contentType("application/json")
                .header("Cache-Control", "no-store")
                .body(member, notNullValue());
        given().header("Authorization", "Bearer " + people.token(people.person(false)))
                .get("/api" + page)
                .then()
                .statusCode(404);
        given().get("/api" + page).then().statusCode(401);
    }

    @Test
    void peopleAreListedAndTheirTokensRevoked() {
        long person = people.person(false);
        var name = people.column("select name from person where id = " + person).getFirst();
        people.run("update person set email = 'keeper-%d@harbour.example', groups = '{wardens}' where id = %d"
                .formatted(person, person));
        var cache = people.cache("admin-people", false);
        people.member(cache, person, Role.READER);
        people.run("insert into membership (cache_id, group_name, role) values (%d, 'wardens', 'maintainer')"
                .formatted(cache.id()));
        var token = people.token(person);
        var found = asked("KEEPER-" + person + "@");
        found.body("total", equalTo(1))
                .body("people[0].name", equalTo(name))
                .body("people[0].caches", equalTo(List.of(Map.of("cache", cache.name(), "role", "maintainer"))))
                .body("people[0].tokens", equalTo(1));
        get(admin, "/admin/people?q=keeper-" + person)
                .then()
                .body(
                        containsString("Maintainer of <a href=\"/" + cache.name() + "\">"),
                        containsString("Revoke the token"));
        get(admin, "/admin/people?q=nobody-at-all")
                .then()
                .body(containsString("No name or e-mail address contains “nobody-at-all”"));
        var address = "/_api/v1/admin/people/" + person + "/tokens";
        given().header("Authorization", "Bearer " + token)
                .delete(address)
                .then()
                .statusCode(403);
        given().header("Authorization", "Bearer " + admin)
                .delete(address)
                .then()
                .statusCode(204);
        given().header("Authorization", "Bearer " + token)
                .get("/_api/v1/tokens")
                .then()
                .statusCode(401);
        asked("keeper-" + person + "@").body("people[0].tokens", equalTo(0));
        given().header("Authorization", "Bearer " + admin)
                .delete(address.replace("" + person, "999999999"))
                .then()
                .statusCode(404);
    }

    private ValidatableResponse asked(String text) {
        return given().header("Authorization", "Bearer " + admin)
                .queryParam("q", text)
                .get("/_api/v1/admin/people")
                .then()
                .statusCode(200);
    }

    @Test
    void auditJsonHasTheFiltersOfThePage() {
        given().header("Authorization", "Bearer " + admin)
                .get("/api/admin/audit?result=refused&days=1")
                .then()
                .body("chosen.text", equalTo(List.of("Last day", "Refused")))
                .body("page", equalTo("/admin/audit"));
        given().header("Authorization", "Bearer " + admin)
                .get("/api/admin/audit?days=x")
                .then()
                .statusCode(400)
                .body("field", equalTo("days"));
    }

    @Test
    void failedJobShowsItsErrorAndCanBeRetriedOrRemoved() throws Exception {
        job(key, 0, "");
        act("POST", key + "/retry").then().statusCode(204);
        IndexWaiter.until(() -> column("consecutive_failures").equals(List.of("1")), PATIENCE);
        given().header("Authorization", "Bearer " + admin)
                .get("/_api/v1/admin/jobs")
                .then()
                .body("failed", greaterThan(0))
                .body(containsString("NumberFormatException: For input string: \\\"" + key + "\\\""));
        get(admin, "/admin/jobs")
                .then()
                .body(allOf(containsString("NumberFormatException"), containsString("Failed 1 time")));
        act("DELETE", key).then().statusCode(204);
        assertEquals(List.of(), column("task_instance"));
        act("DELETE", key).then().statusCode(404).contentType("application/problem+json");
        act("POST", key + "/retry").then().statusCode(404);
        assertEquals(
                List.of("retry job", "remove job"),
                people.column(
                        "select action from audit where allowed and object = '" + KIND + " " + key + "' order by id"));
    }

    @Test
    void runningJobCannotBeRemoved() {
        job(key, 0, "");
        people.run(
                "update scheduled_tasks set picked = true, picked_by = 'another', last_heartbeat = now() + interval '1 hour'"
                        + " where task_instance = '" + key + "'");
        act("POST", key + "/retry").then().statusCode(409);
        act("DELETE", key).then().statusCode(409);
        assertEquals(List.of("t"), column("picked"));
        assertEquals(0, people.number("select count(*) from audit where object = '" + KIND + " " + key + "'"));
    }

    @Test
    void recurringJobCannotBeRemoved() {
        given().header("Authorization", "Bearer " + admin)
                .delete(JOBS + "sweep/recurring")
                .then()
                .statusCode(409);
        assertEquals(1, people.number("select count(*) from scheduled_tasks where task_name = 'sweep'"));
        given().header("Authorization", "Bearer " + admin)
                .get("/_api/v1/admin/storage")
                .then()
                .statusCode(200)
                .body("databaseBytes", greaterThan(1))
                .body("packs.packs", not(-1));
    }

    @Test
    void jobErrorsAreEscaped() {
        job(key + "<script>alert(1)</script>", 3, "<b>bold</b>");
        get(admin, "/admin/jobs")
                .then()
                .body(allOf(
                        containsString("&lt;script&gt;alert(1)"),
                        containsString("&lt;b&gt;bold"),
                        not(containsString("<script>alert")),
                        not(containsString("<b>bold"))));
    }

    /** Entries of two caches and of none, by an actor of this test: other tests write entries too. */
    private String auditOf(String actor) {
        people.run("""
                insert into audit (cache_id, actor, via, action, object, allowed, detail)
                select case when n %% 3 > 0 then 900000 + n %% 3 end, '%1$s', 'session', case when n %% 3 = 0 then 'retry job' else 'push' end,
                  'entry ' || n, n %% 5 <> 0, case when n %% 3 > 0 then jsonb_build_object('cache', '%1$s-' || n %% 3) end
                from generate_series(1, 120) n""".formatted(actor));
        return "/admin/audit?who=" + actor;
    }

    private List<Integer> shown(String address) {
        var page = get(admin, address);
        assertEquals(200, page.statusCode(), address);
        return ENTRY.matcher(page.asString())
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
    }

    private static List<Integer> newest(IntPredicate of) {
        return IntStream.rangeClosed(1, 120).filter(of).boxed().toList().reversed();
    }

    @Test
    void instanceAuditIsFilteredByCache() {
        var mine = auditOf(key);
        assertEquals(newest(n -> n > 70), shown(mine));
        assertEquals(newest(n -> n % 3 == 1), shown(mine + "&cache=" + key + "-1"));
        assertEquals(newest(n -> n % 3 == 2 && n % 5 == 0), shown(mine + "&result=refused&cache=" + key + "-2"));
        assertEquals(newest(n -> n % 3 == 0), shown(mine + "&cache=/"));
        assertEquals(newest(n -> n % 3 == 0), shown(mine + "&act=retry job&days=1"));
        assertEquals(List.of(), shown(mine + "&cache=/&act=push"));
        var page = get(admin, mine).asString();
        var older = OLDER.matcher(page);
        assertTrue(older.find(), page);
        assertEquals(newest(n -> n > 20 && n <= 70), shown(older.group(1).replace("&amp;", "&")));
        var narrowed = get(admin, mine + "&cache=" + key + "-1").asString();
        assertTrue(narrowed.contains("Remove filter: " + key + "-1"), narrowed);
        assertTrue(page.contains("/admin/audit?who=" + key + "&amp;cache=" + key + "-2"), page);
        var heard = RecordingDriver.ofRequests(() -> get(admin, mine));
        assertEquals(1, heard.stream().filter(one -> one.contains("from audit")).count(), heard.toString());
    }

    @Test
    void instanceAuditCsvHasCacheColumn() {
        var mine = auditOf(key);
        var table = get(admin, mine + "&format=csv");
        table.then()
                .statusCode(200)
                .contentType("text/csv")
                .header("Cache-Control", "no-store")
                .header("Content-Disposition", containsString("audit.csv"));
        var lines = table.asString().lines().toList();
        assertEquals(121, lines.size());
        assertEquals("id,at,cache,who,via,action,object,result,address", lines.getFirst());
        assertTrue(
                lines.get(1).contains(",\"\",\"" + key + "\",\"session\",\"retry job\",\"entry 120\",\"refused\","),
                lines.get(1));
        assertTrue(
                lines.get(2)
                        .contains(",\"" + key + "-2\",\"" + key + "\",\"session\",\"push\",\"entry 119\",\"done\","),
                lines.get(2));
        assertEquals(
                41,
                get(admin, mine + "&format=csv&cache=" + key + "-1")
                        .asString()
                        .lines()
                        .count());
    }

    @Test
    void instanceAuditLinksStorePathsAndEscapesText() {
        var hash = "0".repeat(32);
        people.run("""
                insert into audit (actor, via, action, object, allowed, detail) values
                  ('%1$s', 'session', 'push', '%2$s-lantern', true, jsonb_build_object('cache', 'shelf-%1$s')),
                  ('%1$s', 'session', '<b>act</b>', '<script>alert(1)</script>', false, jsonb_build_object('cache', '<b>x'))""".formatted(key, hash));
        get(admin, "/admin/audit?who=" + key)
                .then()
                .body(allOf(
                        containsString("href=\"/shelf-" + key + "/path/" + hash),
                        containsString("&lt;script&gt;alert(1)"),
                        not(containsString("<script>alert")),
                        not(containsString("<b>"))));
        get(admin, "/admin/audit?cache=<b>x&who=" + key).then().statusCode(200).body(containsString("alert(1)"));
    }

    @ParameterizedTest
    @CsvSource({
        "result, result=maybe",
        "days, days=0",
        "before, before=x",
        "after, after=x",
        "cache, cache=a%00b",
        "who, who=%00x",
        "act, act=a%0Ab"
    })
    void whatCannotNarrowTheAuditIsRefusedByItsName(String field, String query) {
        given().header("Authorization", "Bearer " + admin)
                .accept("application/problem+json")
                .urlEncodingEnabled(false)
                .get("/admin/audit?" + query)
                .then()
                .statusCode(400)
                .body("field", equalTo(field));
    }

    @Test
    void allCachesAreListedWithOwnersAndSizesInPages() {
        var first = "0-0-" + key;
        var cache = people.cache(first, false);
        var owner = people.person(false);
        people.member(cache, owner, Role.OWNER);
        people.group(cache, "<b>owners", Role.OWNER);
        people.member(cache, people.person(false), Role.MAINTAINER);
        people.run("update cache set quota_bytes = 1000 where id = " + cache.id());
        var name = people.column("select name from person where id = " + owner).getFirst();
        get(admin, "/admin/caches")
                .then()
                .body(allOf(
                        containsString("href=\"/" + first + "/settings\""),
                        containsString("0 bytes of 1000 bytes, 0 packages"),
                        containsString("Owned by <bdi>" + name + "</bdi>, <bdi>&lt;b&gt;owners</bdi></div>")));
        int few = RecordingDriver.ofRequests(() -> get(admin, "/admin/caches")).size();
        try {
            people.run(
                    "insert into cache (domain_id, name, deleted_at) select domain_id, name || '-' || n, case when n = 1 then now() end"
                            + " from cache, generate_series(1, 60) n where id = " + cache.id());
            var heard = RecordingDriver.ofRequests(() -> get(admin, "/admin/caches")
                    .then()
                    .body(allOf(containsString("/admin/caches?after=50"), containsString("Can be restored until"))));
            assertEquals(few, heard.size(), heard.toString());
            get(admin, "/admin/caches?after=50").then().body(containsString("href=\"/" + first + "-9/settings\""));
        } finally {
            people.run("delete from cache where name like '" + first + "%'");
        }
        get(admin, "/admin/caches?after=100000000").then().statusCode(200).body(containsString("No caches here"));
    }

    @Test
    void manyJobsArePagedWithConstantStatements() {
        get(admin, "/admin/jobs");
        int few = RecordingDriver.ofRequests(() -> get(admin, "/admin/jobs")).size();
        for (int i = 0; i < 60; i++) {
            job(key + "-" + i, 1, "x");
        }
        var heard = RecordingDriver.ofRequests(
                () -> get(admin, "/admin/jobs").then().body(containsString("/admin/jobs?after=50")));
        assertEquals(few, heard.size(), heard.toString());
        System.out.println("admin jobs: " + heard);
        get(admin, "/admin/jobs?after=50").then().statusCode(200).body(containsString("<h3>" + KIND));
        get(admin, "/admin/jobs?after=x").then().statusCode(200);
    }
}
