package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedSignInServer;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;

/** A cache, its owner, and a visitor of its settings page. */
abstract class SettingsSetup {
    static final ObjectMapper JSON = new ObjectMapper();
    static final AtomicInteger NUMBERS = new AtomicInteger();

    static final SharedSignInServer SIGN_IN = SharedSignInServer.instance();
    final Server server = SIGN_IN.server;

    String cache;
    String page;
    String login;
    ScriptlessBrowser owner;

    @BeforeEach
    void aCacheAndItsOwner() throws Exception {
        int number = NUMBERS.incrementAndGet();
        cache = "set-" + number;
        page = "/" + cache + "/settings";
        login = "olga-" + number;
        owner = signedIn(login);
        var made = owner.post("/me", Map.of("key", owner.key("/me"), "name", cache));
        assertEquals(303, made.statusCode(), made.body());
    }

    static Map<String, Object> claims(String name, String... groups) {
        return Map.of(
                "sub",
                name,
                "preferred_username",
                name,
                "email",
                name + "@example.org",
                "email_verified",
                true,
                "groups",
                List.of(groups));
    }

    static ScriptlessBrowser signedIn(String name, String... groups) throws Exception {
        return SIGN_IN.signedIn(claims(name, groups));
    }

    HttpResponse<String> act(ScriptlessBrowser who, String act, String... fields) throws Exception {
        var form = new HashMap<>(Map.of("key", who.key(page), "act", act));
        for (int i = 0; i < fields.length; i += 2) {
            form.put(URLEncoder.encode(fields[i], StandardCharsets.UTF_8), fields[i + 1]);
        }
        return who.post(page, form);
    }

    /** Does it, and returns the page to which that leads. */
    String done(String act, String... fields) throws Exception {
        var answer = act(owner, act, fields);
        assertEquals(303, answer.statusCode(), answer.body());
        var location = answer.headers().firstValue("Location").orElse("");
        assertTrue(location.startsWith(page + "?done=" + act + "#"), location);
        var shown = owner.get(location.replaceFirst("#.*", ""));
        assertEquals(200, shown.statusCode());
        assertTrue(shown.body().contains("role=\"status\""), act);
        return shown.body();
    }

    JsonNode asAdmin(String path) throws Exception {
        var answer = server.http.send(server.authorized(path).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    JsonNode settings() throws Exception {
        return asAdmin("/_api/v1/caches/" + cache);
    }
}
