package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.AccessibilityChecker;
import dev.narthex.client.support.Browser;
import dev.narthex.client.support.NarClient;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.SeededNar;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedSignInServer;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A signed-in admin uses the pages of the whole server; for others these pages do not exist. */
class AdminPagesIT {
    private static final Path PICTURES = Path.of("target/pictures");
    private static final String PAGE = "/admin/jobs";

    /** A kind of job that fails if its instance is not a cache id. */
    private static final String JOB_KIND = "remove-cache";

    private static final Map<String, Object> KEEPER =
            Map.of("sub", "keeper-1", "preferred_username", "keeper", "groups", List.of("keepers"));
    private static final Map<String, Object> ANNA = Map.of("sub", "anna-1", "preferred_username", "anna");

    private static final SharedSignInServer SIGN_IN = SharedSignInServer.instance();

    private static ServerDatabase database;

    private final OpenIdServer provider = SIGN_IN.provider;
    private final Server server = SIGN_IN.server;

    @BeforeAll
    static void open() throws Exception {
        database = new ServerDatabase(SIGN_IN.server);
    }

    @AfterAll
    static void close() throws Exception {
        database.close();
    }

    private static ScriptlessBrowser signedIn(Map<String, Object> claims) throws Exception {
        return SIGN_IN.signedIn(claims);
    }

    /** Creates a job that is not due and has failed before. */
    private static void createFailedJob(String instance) throws Exception {
        database.change("""
                insert into scheduled_tasks (task_name, task_instance, execution_time, picked, version, priority,
                  consecutive_failures, last_failure, task_data)
                values ('%s', '%s', '2100-01-01T00:00:00Z', false, 1, 10, 3, now(),
                  convert_to('IOException: no space is left on the device', 'UTF8'))
                on conflict do nothing""".formatted(JOB_KIND, instance));
    }

    private static HttpResponse<String> postForm(ScriptlessBrowser visitor, String action, String instance)
            throws Exception {
        return visitor.post(PAGE, Map.of("key", visitor.key(PAGE), "act", action, "kind", JOB_KIND, "about", instance));
    }

    private static void submit(ScriptlessBrowser visitor, String action, String instance) throws Exception {
        var response = postForm(visitor, action, instance);
        assertEquals(303, response.statusCode(), response.body());
        var location = response.headers().firstValue("Location").orElse("");
        assertEquals(PAGE + "?done=" + action, location);
        assertTrue(visitor.get(location).body().contains("role=\"status\""), action);
    }

    @Test
    void jobsAreRetriedAndRemoved() throws Exception {
        var keeper = signedIn(KEEPER);
        createFailedJob("forms-1");
        submit(keeper, "retry", "forms-1");
        Poll.until("the job has run", () -> keeper.get(PAGE).body().contains("&quot;forms-1&quot;"));
        submit(keeper, "remove", "forms-1");
        assertFalse(keeper.get(PAGE).body().contains("forms-1"));
        var repeated = postForm(keeper, "remove", "forms-1");
        assertEquals(404, repeated.statusCode());
        assertTrue(repeated.body().contains("id=\"wrong-remove\""), repeated.body());
        assertEquals(
                409,
                keeper.post(
                                PAGE,
                                Map.of("key", keeper.key(PAGE), "act", "remove", "kind", "sweep", "about", "recurring"))
                        .statusCode());
        assertEquals(400, postForm(keeper, "conquer", "forms-1").statusCode());
        assertEquals(
                2,
                database.number(
                        "select count(*) from audit where via = 'session' and object = '" + JOB_KIND + " forms-1'"));
    }

    @Test
    void nameOfARemovedCacheIsFreed() throws Exception {
        var page = "/admin/caches";
        database.change("delete from cache where name in ('gone', 'going')");
        database.change("""
                insert into cache (domain_id, name, deleted_at, removing_at, removed_at)
                select min(id), x.name, now() - interval '9 days', now(), case when x.name = 'gone' then now() end
                from dedup_domain, (values ('gone'), ('going')) x (name) group by x.name""");
        var keeper = signedIn(KEEPER);
        assertTrue(keeper.get(page).body().contains("Its content was removed"));
        var busy = keeper.post(page, Map.of("key", keeper.key(page), "act", "free", "name", "going"));
        assertEquals(409, busy.statusCode(), busy.body());
        assertTrue(busy.body().contains("id=\"wrong-free\""), busy.body());
        try (var browser = new Browser()) {
            provider.next = KEEPER;
            browser.go(server.uri("/oidc/start?to=" + page));
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-caches");
        }
        var free = Map.of("key", keeper.key(page), "act", "free", "name", "gone");
        assertEquals(404, signedIn(ANNA).post(page, free).statusCode());
        assertEquals(303, keeper.post(page, free).statusCode());
        assertEquals(0, database.number("select count(*) from cache where name = 'gone'"));
        assertEquals(1, database.number("select count(*) from cache where name = 'going'"));
        assertEquals(404, keeper.post(page, free).statusCode());
    }

    @Test
    void searchIndexIsRebuilt() throws Exception {
        var keeper = signedIn(KEEPER);
        long before = database.number("select count(*) from audit where action = 'rebuild index' and allowed");
        submit(keeper, "rebuild", "");
        assertEquals(
                before + 1, database.number("select count(*) from audit where action = 'rebuild index' and allowed"));
    }

    @Test
    void storageIsVerifiedAndASnapshotIsCreated() throws Exception {
        var page = "/admin/storage";
        var keeper = signedIn(KEEPER);
        for (var action : List.of("check", "snapshot")) {
            var response = keeper.post(page, Map.of("key", keeper.key(page), "act", action));
            assertEquals(303, response.statusCode(), response.body());
            var nextPage = keeper.get(response.headers().firstValue("Location").orElseThrow());
            assertTrue(nextPage.body().contains("role=\"status\""), action);
        }
        assertEquals(
                400,
                keeper.post(page, Map.of("key", keeper.key(page), "act", "burn"))
                        .statusCode());
        Poll.until("the snapshot is taken", () -> database.number("select count(*) from snapshot") == 1);
        assertTrue(keeper.get(page).body().contains("The last one is of"));
        assertEquals(
                2,
                database.number(
                        "select count(*) from audit where allowed and via = 'session' and action in ('check storage', 'take snapshot')"));
        // the second snapshot of a day replaces the first
        var first = database.text("select id from snapshot");
        keeper.post(page, Map.of("key", keeper.key(page), "act", "snapshot"));
        Poll.until(
                "the second snapshot is taken",
                () -> database.number("select count(*) from snapshot where id <> '" + first + "'") == 1);
        Poll.until(
                "the first snapshot is deleted",
                () -> !Files.exists(server.data().resolve("store/snapshots/" + first + "/manifest.json")));
        assertEquals(1, database.number("select count(*) from snapshot"));
    }

    @Test
    void damagedNarsAreListed() throws Exception {
        var nar = new SeededNar(4711, 400_000);
        NarClient.push(server, nar);
        var hash = nar.path().hash();
        database.change("""
                with hit as (update pack set state = 'Q', damage = 'chunk 2 has another content', verified_at = now()
                  where id in (select pack_id from pack_ref r join path p using (nar_id) where p.hash_part = '%1$s') returning id)
                update nar set state = 'B' where id in (select nar_id from path where hash_part = '%1$s')""".formatted(hash));
        provider.next = KEEPER;
        try (var browser = new Browser()) {
            browser.go(server.uri("/oidc/start?to=/admin"));
            assertTrue(browser.text().contains("1 NAR is damaged or lost"), browser.text());
            browser.go(server.uri("/admin/storage"));
            assertTrue(browser.text().contains("chunk 2 has another content"), browser.text());
            assertTrue(browser.text().contains(nar.path().toString()), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-storage-damaged");
            browser.go(server.uri("/main/path/" + hash));
            assertTrue(browser.text().contains("Damaged, found on"), browser.text());
            assertEquals(List.of(), AccessibilityChecker.violations(browser));
        }
        NarClient.push(server, nar);
        assertEquals(0, database.number("select count(*) from nar where state = 'B'"));
    }

    @Test
    void nonAdminsChangeNothing() throws Exception {
        createFailedJob("forms-2");
        var keeper = signedIn(KEEPER);
        var form = Map.of("key", keeper.key(PAGE), "act", "remove", "kind", JOB_KIND, "about", "forms-2");
        var anna = signedIn(ANNA);
        assertFalse(anna.get("/").body().contains("href=\"/admin\""));
        assertTrue(keeper.get("/").body().contains("href=\"/admin\""));
        for (var page : List.of("/admin", "/admin/storage", "/admin/audit", "/admin/caches", PAGE)) {
            assertEquals(404, anna.get(page).statusCode(), page);
            assertEquals(404, new ScriptlessBrowser(server).get(page).statusCode(), page);
            assertEquals(200, keeper.get(page).statusCode(), page);
        }
        assertEquals(404, anna.post(PAGE, form).statusCode());
        assertEquals(404, new ScriptlessBrowser(server).post(PAGE, form).statusCode());
        assertEquals(
                403, keeper.post(PAGE, form, "Sec-Fetch-Site", "cross-site").statusCode());
        assertEquals(
                403,
                keeper.post(PAGE, Map.of("key", "", "act", "remove", "kind", JOB_KIND, "about", "forms-2"))
                        .statusCode());
        assertEquals(1, database.number("select count(*) from scheduled_tasks where task_instance = 'forms-2'"));
    }

    @Test
    void everyPageLooksRightInAllThemesAndWidths() throws Exception {
        createFailedJob("1204");
        try (var browser = new Browser()) {
            provider.next = KEEPER;
            browser.go(server.uri("/oidc/start?to=/admin"));
            assertTrue(browser.text().contains("failed"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "admin");
            database.change("""
                    insert into collection (cache_id, dry, by, started_at, ended_at, paths, bytes, releases)
                    select c.id, v.* from cache c, (values (false, 'anna', now() - interval '2 days', now(), 1204, 7340032000, 3),
                      (false, null, now() - interval '1 day', now(), 0, 0, 0), (true, 'anna', now(), now(), 77, 77, 7),
                      (false, 'anna', now(), null, 12, 4096, 0)) v (dry, by, started_at, ended_at, paths, bytes, releases)
                    where c.name = 'main'""");
            browser.go(server.uri("/admin/storage"));
            assertTrue(browser.text().contains("3 versions, 1,204 paths, 6.8 GiB"), browser.text());
            assertTrue(
                    browser.text().contains("Nothing to collect")
                            && browser.text().contains("Running"),
                    browser.text());
            assertFalse(browser.text().contains("77 paths"), "dry runs are not listed");
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-storage");
            browser.go(server.uri("/admin/people"));
            assertTrue(browser.text().contains("keeper"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-people");
            browser.go(server.uri(PAGE));
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-jobs");
            browser.leave("button[value=rebuild]");
            assertTrue(browser.text().contains("The index is being rebuilt"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-rebuilt");
            database.change("""
                    insert into audit (actor, via, action, object, allowed, address, detail) values
                      ('token:7:ci of the lantern', 'token:7:ci of the lantern', 'push',
                        '0123456789abcdfghijklmnpqrsvwxyz-lantern-3.2.1', true, '192.0.2.1', jsonb_build_object('cache', 'orchard')),
                      ('anonymous', 'nothing', 'push', '/a-cache-with-a-long-name-of-forty-characters/nix-cache-info', false, '2001:db8::1',
                        jsonb_build_object('cache', 'a-cache-with-a-long-name-of-forty-characters'))""");
            browser.go(server.uri("/admin/audit"));
            assertTrue(browser.text().contains("In orchard, by ci of the lantern"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-audit");
            browser.go(server.uri("/admin/audit?cache=orchard&result=done"));
            AccessibilityChecker.everyLook(browser, PICTURES, "admin-audit-narrowed");
        }
    }
}
