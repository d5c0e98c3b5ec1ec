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

/** People who are signed in configure a cache with the forms of its settings page. */
class SettingsIT extends SettingsSetup {
    private static final Path PICTURES = Path.of("target/pictures");

    private final OpenIdServer provider = SIGN_IN.provider;

    @Test
    void savedSettingsApply() throws Exception {
        submit("summary", "summary", " Boats & <b>oars</b> ");
        submit("read", "public", "yes");
        submit("releases", "policy", "proposed");
        var body = submit("nix", "priority", "30", "upstreamKeyNames", "cache.nixos.org-1\r\nother-1");
        assertTrue(body.contains("value=\"Boats &amp; &lt;b&gt;oars&lt;/b&gt;\""), body);
        var settings = settings();
        assertEquals("Boats & <b>oars</b>", settings.path("summary").asText());
        assertTrue(settings.path("public").asBoolean());
        assertFalse(settings.path("automaticReleases").asBoolean());
        assertEquals(30, settings.path("priority").asInt());
        assertEquals(
                "[\"cache.nixos.org-1\",\"other-1\"]",
                settings.path("upstreamKeyNames").toString());
        assertEquals(200, new ScriptlessBrowser(server).get("/" + cache).statusCode());
        submit("read", "public", "no");
        assertEquals(404, new ScriptlessBrowser(server).get("/" + cache).statusCode());
    }

    @Test
    void retentionAndPinsAreSet() throws Exception {
        var lib = SmallNar.path("library");
        new NixPushClient(server, cache).publish(SmallNar.flat("lib".getBytes(StandardCharsets.UTF_8)), lib);
        submit("keep", "days", "30", "versions", "5", "downloadedDays", "90");
        assertEquals(
                "{\"days\":30,\"versions\":5,\"downloadedDays\":90}",
                settings().path("retention").toString());
        var keptPage = "/" + cache + "/path/" + SmallNar.hashPart(lib) + "/kept";
        try (var browser = new Browser()) {
            provider.next = claims(login);
            browser.go(server.uri("/oidc/start?to=" + keptPage));
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
            submit("collect");
            Poll.until(
                    "the collection has ended",
                    () -> getAsAdmin("/_api/v1/" + cache + "/gc")
                            .path("collections")
                            .path(0)
                            .has("ended"));
            browser.go(server.uri(page + "#kept"));
            assertTrue(browser.text().contains("Nothing to collect"), browser.text());
            AccessibilityChecker.everyLook(browser, PICTURES, "settings-kept");
            browser.go(server.uri(keptPage));
            browser.leave("button[value=unpin]");
            assertTrue(browser.text().contains("The pin is removed"), browser.text());
        }
        submit("keep", "days", "", "versions", "", "downloadedDays", "");
        assertTrue(settings().path("retention").isMissingNode());
    }

    @Test
    void trustedPublisherWorksUntilRemoved() throws Exception {
        var body = submit(
                "add-trust",
                "ecosystem",
                "npm",
                "packages",
                "@harbour/*",
                "issuer",
                "https://ci.example.org",
                "claims",
                "repository = harbour/lantern\r\n\r\nref=refs/heads/main\r\n");
        assertTrue(body.contains("repository = harbour/lantern"), body);
        var rule = getAsAdmin("/_api/v1/" + cache + "/trust").path("rules").path(0);
        assertEquals("refs/heads/main", rule.path("claims").path("ref").asText());
        assertEquals("@harbour/*", rule.path("packages").asText());
        var invalidPattern = postForm(
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
        assertEquals(400, invalidPattern.statusCode());
        assertTrue(invalidPattern.body().contains("value=\"lan*tern\""), invalidPattern.body());
        for (var claims : List.of("ref = refs/heads/main", "repository", "")) {
            var response = postForm(
                    owner, "add-trust", "ecosystem", "npm", "issuer", "https://ci.example.org", "claims", claims);
            assertEquals(400, response.statusCode(), claims);
        }
        assertEquals(404, postForm(owner, "remove-trust", "which", "999999").statusCode());
        submit("remove-trust", "which", rule.path("id").asText());
        assertEquals(0, getAsAdmin("/_api/v1/" + cache + "/trust").path("rules").size());
    }

    @Test
    void keyIsRotatedStepByStep() throws Exception {
        assertTrue(submit("add-key").contains("Retire key " + cache + "<"));
        assertEquals(2, settings().path("publicKeys").size());
        assertTrue(submit("retire-key", "which", cache).contains("Sign again with " + cache + "<"));
        assertEquals(1, settings().path("publicKeys").size());
        submit("sign-key", "which", cache);
        submit("retire-key", "which", cache);
        assertTrue(submit("destroy-key", "which", cache).contains("No secret"));
        var destroyedKey = postForm(owner, "sign-key", "which", cache);
        assertEquals(409, destroyedKey.statusCode());
        assertTrue(destroyedKey.body().contains("The secret of the key"), destroyedKey.body());
        var lastKey = postForm(owner, "retire-key", "which", cache + "-2");
        assertEquals(409, lastKey.statusCode());
        assertTrue(lastKey.body().contains("no signing key would remain"), lastKey.body());
    }

    @Test
    void membersAreAddedChangedAndRemoved() throws Exception {
        var mate = "mate-" + cache;
        var member = signedIn(mate);
        assertEquals(404, member.get("/" + cache).statusCode());
        submit("add-member", "kind", "person", "who", mate, "role", "reader");
        assertEquals(200, member.get("/" + cache).statusCode());
        assertEquals(404, member.get(page).statusCode());
        var body = submit("add-member", "kind", "person", "who", mate + "@example.org", "role", "publisher");
        var field = ScriptlessBrowser.first("name=\"(role:publisher:p\\d+)\"", body);
        submit("add-member", "kind", "group", "who", "crew <1>", "role", "maintainer");
        assertEquals(200, signedIn("other-" + cache, "crew <1>").get(page).statusCode());
        body = submit("roles", field, "maintainer", "role:maintainer:gcrew <1>", "none");
        assertFalse(body.contains("crew"), body);
        assertEquals(200, member.get(page).statusCode());
        assertEquals(404, signedIn("third-" + cache, "crew <1>").get(page).statusCode());
        var roles = getAsAdmin("/_api/v1/" + cache + "/members").path("members");
        assertEquals(2, roles.size());
        assertEquals("maintainer", roles.get(1).path("role").asText());
    }

    @Test
    void cacheIsDeletedAndRestored() throws Exception {
        var mistyped = postForm(owner, "delete", "confirm", "something");
        assertEquals(400, mistyped.statusCode());
        assertTrue(mistyped.body().contains("type its name, " + cache), mistyped.body());
        assertEquals(200, owner.get("/" + cache).statusCode());
        assertTrue(submit("delete", "confirm", cache).contains("can be restored until"));
        assertEquals(410, owner.get("/" + cache).statusCode());
        assertEquals(410, postForm(owner, "summary", "summary", "x").statusCode());
        assertTrue(submit("undelete").contains("is back"));
        assertEquals(200, owner.get("/" + cache).statusCode());
        assertEquals(409, postForm(owner, "undelete").statusCode());
        var entries = owner.get(page + "/audit").body();
        assertTrue(
                entries.contains("undelete") && entries.contains("<bdi>" + login + "</bdi></a>, signed in"), entries);
    }

    @Test
    void everyStateLooksRightInAllThemesAndWidths() throws Exception {
        signedIn("a-person-with-a-rather-long-name-who-pushes");
        submit("summary", "summary", "Tools and base images, built from source.");
        submit("add-key");
        submit("retire-key", "which", cache);
        submit(
                "add-member",
                "kind",
                "person",
                "who",
                "a-person-with-a-rather-long-name-who-pushes",
                "role",
                "publisher");
        submit("add-member", "kind", "group", "who", "tools", "role", "maintainer");
        try (var database = new ServerDatabase(server)) {
            database.change("update cache set quota_bytes = 107374182400 where name = '" + cache + "'");
            database.change("update cache_usage set bytes = 94489280512, paths = 9381 where cache_id ="
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
            for (var ownPage : List.of("/me", "/me/tokens")) {
                browser.go(server.uri(ownPage));
                AccessibilityChecker.everyLook(
                        browser, PICTURES, ownPage.substring(1).replace('/', '-'));
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
