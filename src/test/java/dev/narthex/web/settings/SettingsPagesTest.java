package dev.narthex.web.settings;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings and audit pages of a cache, by role. Forms are tested with signed-in people. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SettingsPagesTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String MARKUP = "<script>alert(1)</script>";
    private static final Pattern NUMBER = Pattern.compile("entry (\\d+)<");

    @Inject
    AccessFixture people;

    private Cache cache;
    private String page;
    private String owner;

    @BeforeEach
    void aCacheAndItsOwner() {
        cache = people.cache("settings-" + NUMBERS.incrementAndGet(), false);
        page = "/" + cache.name() + "/settings";
        owner = member(Role.OWNER);
    }

    private String member(Role role) {
        long person = people.person(false);
        people.member(cache, person, role);
        return people.token(person);
    }

    private static Response get(String token, String address) {
        var request = given().accept("text/html")
                .urlEncodingEnabled(false)
                .redirects()
                .follow(false);
        return (token.isEmpty() ? request : request.header("Authorization", "Bearer " + token)).get(address);
    }

    private ValidatableResponse shown(String address) {
        return get(owner, address).then().statusCode(200).header("Cache-Control", "no-store");
    }

    private static String body(Response answer) {
        return answer.asString();
    }

    // ── visibility ──

    @Test
    void maintainersSeeSettingsReadOnly() {
        shown(page)
                .body(allOf(
                        containsString("value=\"delete\""),
                        containsString("value=\"add-member\""),
                        containsString("Make key " + cache.name() + "-2"),
                        not(containsString("value=\"limits\""))));
        get(member(Role.MAINTAINER), page)
                .then()
                .statusCode(200)
                .body(allOf(containsString("You maintain " + cache.name()), not(containsString("name=\"act\""))));
        get(people.token(Optional.of(people.person(true)), Scope.ADMIN), page)
                .then()
                .body(containsString("value=\"limits\""));
    }

    @Test
    void jsonTwinMatchesThePage() {
        shown(page).body(containsString("<li><a href=\"/api" + page + "\">JSON</a></li>"));
        shown(page + "/audit").body(containsString("<li><a href=\"/api" + page + "/audit\">JSON</a></li>"));
        for (var below : List.of("", "/audit")) {
            given().get("/api" + page + below).then().statusCode(401);
            for (var role : List.of(Role.READER, Role.PUBLISHER)) {
                twin(member(role), page + below).then().statusCode(404);
            }
        }
        var maintainer = member(Role.MAINTAINER);
        twin(maintainer, page).then().statusCode(200).body("owner", equalTo(false));
        twin(maintainer, page + "/audit").then().statusCode(404);
        twin(owner, page)
                .then()
                .statusCode(200)
                .header("Cache-Control", "no-store")
                .body("name", equalTo(cache.name()))
                .body("owner", equalTo(true))
                .body("keys.state", equalTo(List.of("signing")))
                .body("members.size()", equalTo(6))
                .body("containsKey('key')", equalTo(false))
                .body("containsKey('told')", equalTo(false));
        twin(owner, page + "/audit")
                .then()
                .statusCode(200)
                .body("page", equalTo(page + "/audit"))
                .body("days", notNullValue());
    }

    private static Response twin(String token, String address) {
        return given().header("Authorization", "Bearer " + token).get("/api" + address);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void settingsAreAbsentForOthers(boolean open) {
        people.run("update cache set public = %s where id = %d".formatted(open, cache.id()));
        people.run("update change_head set seq = seq + 1");
        var tokens = List.of(
                "", people.token(people.person(false)), member(Role.READER), member(Role.PUBLISHER), "nrx_garbage");
        for (var token : tokens) {
            for (var below : List.of("/settings", "/settings/audit", "/settings/audit?format=csv")) {
                var there = get(token, "/" + cache.name() + below);
                var absent = get(token, "/settings-0" + below);
                assertEquals(404, there.statusCode(), below);
                assertEquals(
                        body(absent).replace("settings-0", "NAME"),
                        body(there).replace(cache.name(), "NAME"),
                        token + " " + below);
            }
        }
        assertEquals(404, get(member(Role.MAINTAINER), page + "/audit").statusCode());
    }

    @Test
    void cachePageLinksToSettings() {
        var link = "href=\"" + page + "\"";
        get(member(Role.MAINTAINER), "/" + cache.name()).then().body(containsString(link));
        get(member(Role.PUBLISHER), "/" + cache.name()).then().statusCode(200).body(not(containsString(link)));
    }

    @Test
    void deletedCacheIsShownToItsOwners() {
        var maintainer = member(Role.MAINTAINER);
        given().header("Authorization", "Bearer " + owner)
                .delete("/_api/v1/caches/" + cache.name())
                .then()
                .statusCode(200);
        shown(page).body(allOf(containsString("Bring back " + cache.name()), not(containsString("value=\"delete\""))));
        get(maintainer, page).then().statusCode(404);
    }

    // ── content ──

    @Test
    void textOfOtherUsersIsEscaped() {
        people.run("update cache set summary = '%s' where id = %d".formatted(MARKUP, cache.id()));
        people.group(cache, MARKUP, Role.READER);
        people.run(
                "insert into audit (cache_id, actor, via, action, object, allowed) values (%d, 'person:1:%s', 'session', 'push', '%2$s', false)"
                        .formatted(cache.id(), MARKUP));
        shown(page).body(allOf(containsString("&lt;script&gt;alert(1)"), not(containsString(MARKUP))));
        shown(page + "/audit").body(allOf(containsString("&lt;script&gt;alert(1)"), not(containsString(MARKUP))));
    }

    @Test
    void membersAndKeysDoNotAddStatements() {
        shown(page);
        int few = RecordingDriver.ofRequests(() -> shown(page)).size();
        for (int i = 0; i < 110; i++) {
            people.group(cache, "group-" + i, Role.READER);
        }
        var heard = RecordingDriver.ofRequests(() -> shown(page).body(containsString("More members")));
        assertEquals(few, heard.size(), heard.toString());
        System.out.println("settings: " + heard.size() + " statements");
        shown(page + "?after=100").body(containsString("group-109"));
    }

    @Test
    void lastOwnerCannotBeRemoved() {
        shown(page).body(containsString("The last owner cannot be removed"));
        people.group(cache, "crew", Role.OWNER);
        shown(page)
                .body(allOf(
                        containsString("name=\"role:owner:gcrew\""),
                        not(containsString("The last owner cannot be removed"))));
    }

    @Test
    void quotaIsShownAsAGauge() {
        people.run("update cache_usage set bytes = 900 where cache_id = " + cache.id());
        people.run("update cache set quota_bytes = 1000 where id = " + cache.id());
        shown(page)
                .body(allOf(
                        containsString("<strong>900 bytes</strong> of 1000 bytes"), containsString("width=\"90.0\"")));
    }

    // ── audit ──

    private void entries(int number) {
        people.run("""
                insert into audit (at, cache_id, actor, via, action, object, allowed, address)
                select now() - make_interval(hours => 2 * (%d - n)), %d, case when n %% 2 = 0 then 'person:7:even' else 'token:8:odd' end,
                  'session', case when n %% 3 = 0 then 'publish' else 'push' end, 'entry ' || n, n %% 5 <> 0, '192.0.2.1'
                from generate_series(1, %1$d) n""".formatted(number, cache.id()));
    }

    private static List<Integer> numbers(String html) {
        return NUMBER.matcher(html)
                .results()
                .map(match -> Integer.valueOf(match.group(1)))
                .toList();
    }

    private static String link(String html, String words) {
        var matcher = Pattern.compile("href=\"([^\"]*)\">" + words).matcher(html);
        assertTrue(matcher.find(), "no link " + words);
        return matcher.group(1).replace("&amp;", "&");
    }

    @Test
    void auditIsPagedInBothDirections() {
        entries(120);
        var first = shown(page + "/audit").extract().asString();
        var second = shown(link(first, "Older entries")).extract().asString();
        var third = shown(link(second, "Older entries")).extract().asString();
        var all = new ArrayList<>(numbers(first));
        all.addAll(numbers(second));
        all.addAll(numbers(third));
        assertEquals(120, all.size());
        assertEquals(120, all.getFirst());
        assertEquals(new LinkedHashSet<>(all).size(), all.size());
        assertTrue(!first.contains("Newer entries") && !third.contains("Older entries"));
        var back = shown(link(third, "Newer entries")).extract().asString();
        assertEquals(numbers(second), numbers(back));
        var begin = shown(link(back, "Newer entries")).extract().asString();
        assertEquals(numbers(first), numbers(begin));
        assertTrue(!begin.contains("Newer entries") && begin.contains("Older entries"));
    }

    @Test
    void auditFilterRunsOneStatement() {
        entries(40);
        assertEquals(
                8, numbers(body(get(owner, page + "/audit?result=refused"))).size());
        assertEquals(32, numbers(body(get(owner, page + "/audit?result=done"))).size());
        assertEquals(13, numbers(body(get(owner, page + "/audit?act=publish"))).size());
        assertEquals(
                20, numbers(body(get(owner, page + "/audit?who=token:8:odd"))).size());
        assertEquals(12, numbers(body(get(owner, page + "/audit?days=1"))).size());
        assertEquals(
                List.of(30), numbers(body(get(owner, page + "/audit?result=refused&act=publish&who=person:7:even"))));
        var heard = RecordingDriver.ofRequests(() -> shown(page + "/audit?result=refused"));
        assertEquals(1, heard.stream().filter(one -> one.contains("from audit")).count(), heard.toString());
        assertEquals(
                heard.size(),
                RecordingDriver.ofRequests(() -> shown(page + "/audit?act=nothing-like-this"))
                        .size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"result=maybe", "days=0", "days=x", "before=x", "after=99999999999999999999"})
    void invalidFilterIsNamed(String query) {
        get(owner, page + "/audit?" + query)
                .then()
                .statusCode(400)
                .body(containsString("Malformed " + query.substring(0, query.indexOf('='))));
    }

    @Test
    void csvIsCompleteAndHasNoFormulas() {
        entries(1100);
        people.run(
                "insert into audit (cache_id, actor, via, action, object, allowed) values (%d, '+person', 'session', 'push', '=cmd()|\"x\"', true)"
                        .formatted(cache.id()));
        var table = shown(page + "/audit?format=csv")
                .contentType(equalTo("text/csv; charset=utf-8"))
                .header("Content-Disposition", containsString("audit-" + cache.name() + ".csv"))
                .extract()
                .asString();
        var lines = table.split("\r\n");
        assertEquals(1102, lines.length);
        assertEquals("id,at,cache,who,via,action,object,result,address", lines[0]);
        assertTrue(
                lines[1].contains(",\"'+person\",\"session\",\"push\",\"'=cmd()|\"\"x\"\"\",\"done\",\"\""), lines[1]);
        assertTrue(lines[1101].endsWith("\"entry 1\",\"done\",\"192.0.2.1\""), lines[1101]);
        assertEquals(
                221,
                shown(page + "/audit?format=csv&result=refused")
                        .extract()
                        .asString()
                        .split("\r\n")
                        .length);
    }
}
