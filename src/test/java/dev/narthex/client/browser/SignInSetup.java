package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedSignInServer;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** Shared state of sign-in tests: a provider, a server that trusts it, and a private cache whose group may publish. */
abstract class SignInSetup {
    static final Map<String, Object> ANNA =
            Map.of("sub", "anna-1", "preferred_username", "anna", "groups", List.of("harbour"));
    static final String SIGNED_IN_LINK = "<a class=\"enter\" href=\"/me\">";
    static final String SIGN_IN_LINK = "<a class=\"enter\" href=\"/login";

    static OpenIdServer provider;
    static Server server;

    @BeforeAll
    static void start() throws Exception {
        provider = SharedSignInServer.instance().provider;
        server = SharedSignInServer.instance().server;
        try (var database = new ServerDatabase(server)) {
            database.cache("harbour", false);
            database.change("insert into membership (cache_id, group_name, role)"
                    + " select id, 'harbour', 'publisher' from cache where name = 'harbour' on conflict do nothing");
        }
    }

    @AfterEach
    void resetProvider() {
        provider.recover();
        provider.lifetimeSeconds = 300;
    }

    static ScriptlessBrowser signedIn(Map<String, Object> claims) throws Exception {
        provider.next = claims;
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertEquals("/status", page.uri().getPath(), page.body());
        assertTrue(page.body().contains(SIGNED_IN_LINK), page.body());
        return visitor;
    }

    static String signOutKey(ScriptlessBrowser visitor) throws Exception {
        return ScriptlessBrowser.first(
                "/logout\\?key=([0-9a-f]+)", visitor.get("/me").body());
    }

    static int nixCacheInfoStatus(String token) throws IOException, InterruptedException {
        var request = server.request("/harbour/nix-cache-info").header("Authorization", "Bearer " + token);
        return server.http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }
}
