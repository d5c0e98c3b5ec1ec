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
    void createCacheAndOwner() throws Exception {
        int number = NUMBERS.incrementAndGet();
        cache = "set-" + number;
        page = "/" + cache + "/settings";
        login = "olga-" + number;
        owner = signedIn(login);
        var response = owner.post("/me", Map.of("key", owner.key("/me"), "name", cache));
        assertEquals(303, response.statusCode(), response.body());
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

    HttpResponse<String> postForm(ScriptlessBrowser visitor, String action, String... fields) throws Exception {
        var form = new HashMap<>(Map.of("key", visitor.key(page), "act", action));
        for (int i = 0; i < fields.length; i += 2) {
            form.put(URLEncoder.encode(fields[i], StandardCharsets.UTF_8), fields[i + 1]);
        }
        return visitor.post(page, form);
    }

    /** Submits the form successfully and returns the body of the page that follows. */
    String submit(String action, String... fields) throws Exception {
        var response = postForm(owner, action, fields);
        assertEquals(303, response.statusCode(), response.body());
        var location = response.headers().firstValue("Location").orElse("");
        assertTrue(location.startsWith(page + "?done=" + action + "#"), location);
        var next = owner.get(location.replaceFirst("#.*", ""));
        assertEquals(200, next.statusCode());
        assertTrue(next.body().contains("role=\"status\""), action);
        return next.body();
    }

    JsonNode getAsAdmin(String path) throws Exception {
        var response = server.http.send(server.authorized(path).build(), BodyHandlers.ofString());
        assertEquals(200, response.statusCode(), response.body());
        return JSON.readTree(response.body());
    }

    JsonNode settings() throws Exception {
        return getAsAdmin("/_api/v1/caches/" + cache);
    }
}
