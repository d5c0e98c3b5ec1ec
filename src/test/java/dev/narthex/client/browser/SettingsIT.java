package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.AccessibilityChecker;
import dev.narthex.client.support.Browser;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** People who signed in set a cache by the forms of its page, and are refused in words what they may not or cannot be. */
class SettingsIT extends SettingsSetup {
    private static final Path PICTURES = Path.of("target/pictures");

    private final OpenIdServer provider = SIGN_IN.provider;

    @Test
    void savedSettingsApply() throws Exception {
        done("summary", "summary", " Boats & <b>oars</b> ");
        done("read", "public", "yes");
        done("releases", "policy", "proposed");
        var shown = done("nix", "priority", "30", "upstreamKeyNames", "cache.nixos.org-1\r\nother-1");
        assertTrue(shown.contains("value=\"Boats &amp; &lt;b&gt;oars&lt;/b&gt;\""), shown);
        var settings = settings();
        assertEquals("Boats & <b>oars</b>", settings.path("summary").asText());
        assertTrue(settings.path("public").asBoolean());
        assertFalse(settings.path("automaticReleases").asBoolean());
        assertEquals(30, settings.path("priority").asInt());
        assertEquals(
                "[\"cache.nixos.org-1\",\"other-1\"]",
                settings.path("upstreamKeyNames").toString());
        assertEquals(200, new ScriptlessBrowser(server).get("/" + cache).statusCode());
        done("read", "public", "no");
        assertEquals(404, new ScriptlessBrowser(server).get("/" + cache).statusCode());
    }

    @Test
    void retentionAndPinsAreSet() throws Exception {
        var lib = SmallNar.path("library");
        new NixPushClient(server, cache).publish(SmallNar.flat("lib".getBytes(StandardCharsets.UTF_8)), lib);
        done("keep", "days", "30", "versions", "5", "downloadedDays", "90");
        assertEquals(
                "{\"days\":30,\"versions\":5,\"downloadedDays\":90}",
                settings().path("retention").toString());
        var kept = "/" + cache + "/path/" + SmallNar.hashPart(lib) + "/kept";
        try (var browser = new Browser()) {
            provider.next = claims(login);
            browser.go(server.uri("/oidc/start?to=" + kept));
            assertTrue(browser.text().contains("Kept for a while"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "kept-timed");
            browser.value("document.querySelector('details.below').open = true");
            browser.type("input[name=name]", "a pin");
            browser.leave("button[value=pin]");
            assertTrue(browser.text().contains("letters, digits"), browser.text());
            browser.complaints().clear();
            browser.type("input[name=name]", "demo");
            browser.type(
                    "input[name=reason]", "Shown at the fair, see the minutes of the twelfth meeting of the harbour");
            browser.leave("button[value=pin]");
            assertTrue(browser.text().contains("The path is pinned"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "kept-pinned");
            done("collect");
            Poll.until(
                    "the collection has ended",
                    () -> asAdmin("/_api/v1/" + cache + "/gc")
                            .path("collections")
                            .path(0)
                            .has("ended"));
            browser.go(server.uri(page + "#kept"));
            assertTrue(browser.text().contains("Nothing to collect"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-kept");
            browser.go(server.uri(kept));
            browser.leave("button[value=unpin]");
            assertTrue(browser.text().contains("The pin is removed"), browser.text());
        }
        done("keep", "days", "", "versions", "", "downloadedDays", "");
        assertTrue(settings().path("retention").isMissingNode());
    }

    @Test
    void trustedPublisherWorksUntilRemoved() throws Exception {
        var shown = done(
                "add-trust",
                "ecosystem",
                "npm",
                "packages",
                "@harbour/*",
                "issuer",
                "https://ci.example.org",
                "claims",
                "repository = harbour/lantern\r\n\r\nref=refs/heads/main\r\n");
        assertTrue(shown.contains("repository = harbour/lantern"), shown);
        var rule = asAdmin("/_api/v1/" + cache + "/trust").path("rules").path(0);
        assertEquals("refs/heads/main", rule.path("claims").path("ref").asText());
        assertEquals("@harbour/*", rule.path("packages").asText());
        var refused = act(
                owner,
                "add-trust",
                "ecosystem",
                "npm",
                "packages",
                "lan*tern",
                "issuer",
                "https://ci.example.org",
                "claims",
                "repository = harbour/lantern");
        assertEquals(400, refused.statusCode());
        assertTrue(refused.body().contains("value=\"lan*tern\""), refused.body());
        for (var claims : List.of("ref = refs/heads/main", "repository", "")) {
            var answer =
                    act(owner, "add-trust", "ecosystem", "npm", "issuer", "https://ci.example.org", "claims", claims);
            assertEquals(400, answer.statusCode(), claims);
        }
        assertEquals(404, act(owner, "remove-trust", "which", "999999").statusCode());
        done("remove-trust", "which", rule.path("id").asText());
        assertEquals(0, asAdmin("/_api/v1/" + cache + "/trust").path("rules").size());
    }

    @Test
    void keyIsRotatedStepByStep() throws Exception {
        assertTrue(done("add-key").contains("Retire key " + cache + "<"));
        assertEquals(2, settings().path("publicKeys").size());
        assertTrue(done("retire-key", "which", cache).contains("Sign again with " + cache + "<"));
        assertEquals(1, settings().path("publicKeys").size());
        done("sign-key", "which", cache);
        done("retire-key", "which", cache);
        assertTrue(done("destroy-key", "which", cache).contains("No secret"));
        var again = act(owner, "sign-key", "which", cache);
        assertEquals(409, again.statusCode());
        assertTrue(again.body().contains("The secret of the key"), again.body());
        var last = act(owner, "retire-key", "which", cache + "-2");
        assertEquals(409, last.statusCode());
        assertTrue(last.body().contains("no signing key would remain"), last.body());
    }

    @Test
    void membersAreAddedChangedAndRemoved() throws Exception {
        var mate = "mate-" + cache;
        var member = signedIn(mate);
        assertEquals(404, member.get("/" + cache).statusCode());
        done("add-member", "kind", "person", "who", mate, "role", "reader");
        assertEquals(200, member.get("/" + cache).statusCode());
        assertEquals(404, member.get(page).statusCode());
        var shown = done("add-member", "kind", "person", "who", mate + "@example.org", "role", "publisher");
        var field = ScriptlessBrowser.first("name=\"(role:publisher:p\\d+)\"", shown);
        done("add-member", "kind", "group", "who", "crew <1>", "role", "maintainer");
        assertEquals(200, signedIn("other-" + cache, "crew <1>").get(page).statusCode());
        shown = done("roles", field, "maintainer", "role:maintainer:gcrew <1>", "none");
        assertFalse(shown.contains("crew"), shown);
        assertEquals(200, member.get(page).statusCode());
        assertEquals(404, signedIn("third-" + cache, "crew <1>").get(page).statusCode());
        var roles = asAdmin("/_api/v1/" + cache + "/members").path("members");
        assertEquals(2, roles.size());
        assertEquals("maintainer", roles.get(1).path("role").asText());
    }

    @Test
    void cacheIsDeletedAndRestored() throws Exception {
        var wrong = act(owner, "delete", "confirm", "something");
        assertEquals(400, wrong.statusCode());
        assertTrue(wrong.body().contains("type its name, " + cache), wrong.body());
        assertEquals(200, owner.get("/" + cache).statusCode());
        assertTrue(done("delete", "confirm", cache).contains("can be restored until"));
        assertEquals(410, owner.get("/" + cache).statusCode());
        assertEquals(410, act(owner, "summary", "summary", "x").statusCode());
        assertTrue(done("undelete").contains("is back"));
        assertEquals(200, owner.get("/" + cache).statusCode());
        assertEquals(409, act(owner, "undelete").statusCode());
        var entries = owner.get(page + "/audit").body();
        assertTrue(
                entries.contains("undelete") && entries.contains("<bdi>" + login + "</bdi></a>, signed in"), entries);
    }

    @Test
    void everyStateLooksRightInAllThemesAndWidths() throws Exception {
        signedIn("a-person-with-a-rather-long-name-who-pushes");
        done("summary", "summary", "Tools and base images, built from source.");
        done("add-key");
        done("retire-key", "which", cache);
        done("add-member", "kind", "person", "who", "a-person-with-a-rather-long-name-who-pushes", "role", "publisher");
        done("add-member", "kind", "group", "who", "tools", "role", "maintainer");
        try (var rows = new ServerDatabase(server)) {
            rows.change("update cache set quota_bytes = 107374182400 where name = '" + cache + "'");
            rows.change("update cache_usage set bytes = 94489280512, paths = 9381 where cache_id ="
                    + " (select id from cache where name = '" + cache + "')");
        }
        try (var browser = new Browser()) {
            provider.next = claims(login);
            browser.go(server.uri("/login?to=/main"));
            AccessibilityChecker.everyLook(browser, PICTURES, "login");
            browser.go(server.uri("/oidc/start?to=" + page));
            browser.type("#trust textarea", "repository = harbour/lantern");
            browser.leave("button[value=add-trust]");
            assertTrue(browser.text().contains("The trusted publisher is added"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "settings");
            browser.type("#nix input[name=priority]", "first");
            browser.leave("button[value=nix]");
            assertTrue(browser.text().contains("enter a number"), browser.text());
            assertTrue(browser.value("document.activeElement.name").asText().equals("priority"));
            browser.complaints().clear();
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-wrong");
            browser.go(server.uri(page + "/audit"));
            AccessibilityChecker.everyLook(browser, PICTURES, "audit");
            browser.go(server.uri(page + "/audit?result=done&act=configure"));
            AccessibilityChecker.everyLook(browser, PICTURES, "audit-filtered");
            browser.go(server.uri("/" + cache));
            AccessibilityChecker.everyLook(browser, PICTURES, "cache-managed");
            for (var own : List.of("/me", "/me/tokens")) {
                browser.go(server.uri(own));
                AccessibilityChecker.everyLook(
                        browser, PICTURES, own.substring(1).replace('/', '-'));
            }
            browser.go(server.uri(page));
            browser.type("#danger input[name=confirm]", cache);
            browser.leave("button[value=delete]");
            assertTrue(browser.text().contains("can be restored until"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-deleted");
            browser.leave("button[value=undelete]");
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-back");
        }
        try (var browser = new Browser()) {
            provider.next = claims("maintainer-2", "tools");
            browser.go(server.uri("/oidc/start?to=" + page));
            assertTrue(browser.text().contains("You maintain"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-maintainer");
        }
    }
}
