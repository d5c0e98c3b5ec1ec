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
        submit("add-member", "kind", "group", "who", "crew", "role", "reader");
        submit("roles", "role:reader:gcrew", "publisher");
        submit("roles", "role:reader:gcrew", "reader");
        assertEquals(
                "publisher",
                getAsAdmin("/_api/v1/" + cache + "/members")
                        .path("members")
                        .get(1)
                        .path("role")
                        .asText());
    }

    @Test
    void lastOwnerIsReplacedButNotRemoved() throws Exception {
        var mate = "heir-" + cache;
        signedIn(mate);
        var html = submit("add-member", "kind", "person", "who", mate, "role", "publisher");
        var heir = ScriptlessBrowser.first("name=\"role:publisher:(p\\d+)\"", html);
        long me = getAsAdmin("/_api/v1/" + cache + "/members")
                .path("members")
                .get(0)
                .path("person")
                .asLong();
        var refused = postForm(owner, "roles", "role:owner:p" + me, "none");
        assertEquals(409, refused.statusCode());
        assertTrue(refused.body().contains("is the last owner"), refused.body());
        var handover = postForm(owner, "roles", "role:owner:p" + me, "reader", "role:publisher:" + heir, "owner");
        assertEquals(303, handover.statusCode(), handover.body());
        assertEquals("/me", handover.headers().firstValue("Location").orElse(""));
        assertEquals(404, owner.get(page).statusCode());
        assertEquals(200, owner.get("/" + cache).statusCode());
    }

    @Test
    void onlyAdminsSetLimits() throws Exception {
        assertEquals(
                403, postForm(owner, "limits", "quota", "1 GiB", "rate", "").statusCode());
        var keeper = SIGN_IN.signedIn(
                Map.of("sub", "keeper-9", "preferred_username", "keeper", "groups", List.of("keepers")));
        assertEquals(
                303,
                postForm(keeper, "limits", "quota", "1.5 GiB", "rate", "64MiB").statusCode());
        var html = keeper.get(page).body();
        assertTrue(html.contains("value=\"1536 MiB\"") && html.contains("value=\"64 MiB\""), html);
        assertTrue(owner.get(page).body().contains("of 1.5 GiB"), html);
        var wrong = postForm(keeper, "limits", "quota", "lots", "rate", "64MiB");
        assertEquals(400, wrong.statusCode());
        assertTrue(wrong.body().contains("value=\"lots\""), wrong.body());
        assertEquals(303, postForm(keeper, "limits", "quota", "", "rate", "").statusCode());
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
    void invalidInputIsReportedAndKeptInTheForm(String action, String field, String value, int status, String message)
            throws Exception {
        var before = settings().toString();
        var response = postForm(owner, action, field, value, "role", "reader", "kind", "person");
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(response.body().toLowerCase().contains(message.toLowerCase()), response.body());
        assertTrue(response.body().contains("id=\"wrong-" + action + "\""), response.body());
        if (Set.of("nix", "add-member", "summary").contains(action)) {
            assertTrue(response.body().contains("value=\"" + value + "\""), response.body());
            assertTrue(response.body().contains("aria-invalid=\"true\""), response.body());
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
            submit("add-member", "kind", "person", "who", "stranger-" + cache, "role", role);
            assertEquals(404, stranger.post(page, form).statusCode(), role);
        }
        submit("add-member", "kind", "person", "who", "stranger-" + cache, "role", "maintainer");
        assertEquals(403, stranger.post(page, form).statusCode());
        assertEquals(403, postForm(owner, "summary", "summary", "x", "key", "").statusCode());
        assertEquals(
                403,
                owner.post(page, Map.of("key", owner.key("/me"), "act", "add-key"))
                        .statusCode());
        assertEquals(403, owner.post(page, form, "Sec-Fetch-Site", "cross-site").statusCode());
        assertEquals(400, postForm(owner, "conquer").statusCode());
        assertEquals(before, settings().toString());
    }
}
