package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.ScriptlessBrowser;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that are invalid, stale or not permitted change nothing. */
class SettingsRefusalsIT extends SettingsSetup {

    @Test
    void concurrentChangesAreNotOverwritten() throws Exception {
        done("add-member", "kind", "group", "who", "crew", "role", "reader");
        done("roles", "role:reader:gcrew", "publisher");
        done("roles", "role:reader:gcrew", "reader");
        assertEquals(
                "publisher",
                asAdmin("/_api/v1/" + cache + "/members")
                        .path("members")
                        .get(1)
                        .path("role")
                        .asText());
    }

    @Test
    void lastOwnerIsReplacedButNotRemoved() throws Exception {
        var mate = "heir-" + cache;
        signedIn(mate);
        var shown = done("add-member", "kind", "person", "who", mate, "role", "publisher");
        var heir = ScriptlessBrowser.first("name=\"role:publisher:(p\\d+)\"", shown);
        long me = asAdmin("/_api/v1/" + cache + "/members")
                .path("members")
                .get(0)
                .path("person")
                .asLong();
        var stays = act(owner, "roles", "role:owner:p" + me, "none");
        assertEquals(409, stays.statusCode());
        assertTrue(stays.body().contains("is the last owner"), stays.body());
        var left = act(owner, "roles", "role:owner:p" + me, "reader", "role:publisher:" + heir, "owner");
        assertEquals(303, left.statusCode(), left.body());
        assertEquals("/me", left.headers().firstValue("Location").orElse(""));
        assertEquals(404, owner.get(page).statusCode());
        assertEquals(200, owner.get("/" + cache).statusCode());
    }

    @Test
    void onlyAdminsSetLimits() throws Exception {
        assertEquals(403, act(owner, "limits", "quota", "1 GiB", "rate", "").statusCode());
        var keeper = SIGN_IN.signedIn(
                Map.of("sub", "keeper-9", "preferred_username", "keeper", "groups", List.of("keepers")));
        assertEquals(
                303, act(keeper, "limits", "quota", "1.5 GiB", "rate", "64MiB").statusCode());
        var shown = keeper.get(page).body();
        assertTrue(shown.contains("value=\"1536 MiB\"") && shown.contains("value=\"64 MiB\""), shown);
        assertTrue(owner.get(page).body().contains("of 1.5 GiB"), shown);
        var wrong = act(keeper, "limits", "quota", "lots", "rate", "64MiB");
        assertEquals(400, wrong.statusCode());
        assertTrue(wrong.body().contains("value=\"lots\""), wrong.body());
        assertEquals(303, act(keeper, "limits", "quota", "", "rate", "").statusCode());
        assertTrue(settings().path("quotaBytes").isMissingNode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "summary | summary | a\u0085b | 400 | printable characters",
                "read | public | perhaps | 400 | Choose one of the two",
                "releases | policy | - | 400 | Choose one of the two",
                "nix | priority | first | 400 | Enter a number",
                "nix | priority | 9999999 | 400 | use a number from 0",
                "keep | days | 1 | 400 | use a number from 2",
                "keep | days | many | 400 | Enter a number or leave it empty",
                "keep | versions | 3 | 400 | Without a number of days everything is kept",
                "unpin | which | none | 404 | none",
                "add-member | who | nobody-like-this | 400 | No person with this name",
                "add-member | who | ' ' | 400 | enter a name, an e-mail address",
                "retire-key | which | no-such-key | 404 | There is no key",
                "destroy-key | which | no-such-key | 404 | There is no key",
                "roles | role:reader:p999999 | owner | 404 | There is no person",
                "roles | role:reader:gnone | none | 404 | There is no member",
                "roles | role:reader:gnone | king | 400 | the roles are",
            })
    void invalidInputIsReportedAndKeptInTheForm(
            String act, String field, String value, int status, String said) throws Exception {
        var before = settings().toString();
        var answer = act(owner, act, field, value, "role", "reader", "kind", "person");
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(answer.body().toLowerCase().contains(said.toLowerCase()), answer.body());
        assertTrue(answer.body().contains("id=\"wrong-" + act + "\""), answer.body());
        if (Set.of("nix", "add-member", "summary").contains(act)) {
            assertTrue(answer.body().contains("value=\"" + value + "\""), answer.body());
            assertTrue(answer.body().contains("aria-invalid=\"true\""), answer.body());
        }
        assertEquals(before, settings().toString());
    }

    @Test
    void unauthorizedUsersChangeNothing() throws Exception {
        var before = settings().toString();
        var key = owner.key(page);
        var form = Map.of("key", key, "act", "summary", "summary", "taken");
        var stranger = signedIn("stranger-" + cache);
        assertEquals(404, stranger.post(page, form).statusCode());
        assertEquals(404, new ScriptlessBrowser(server).post(page, form).statusCode());
        for (var role : List.of("reader", "publisher")) {
            done("add-member", "kind", "person", "who", "stranger-" + cache, "role", role);
            assertEquals(404, stranger.post(page, form).statusCode(), role);
        }
        done("add-member", "kind", "person", "who", "stranger-" + cache, "role", "maintainer");
        assertEquals(403, stranger.post(page, form).statusCode());
        assertEquals(403, act(owner, "summary", "summary", "x", "key", "").statusCode());
        assertEquals(
                403,
                owner.post(page, Map.of("key", owner.key("/me"), "act", "add-key"))
                        .statusCode());
        assertEquals(403, owner.post(page, form, "Sec-Fetch-Site", "cross-site").statusCode());
        assertEquals(400, act(owner, "conquer").statusCode());
        assertEquals(before, settings().toString());
    }
}
