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

/** What tests of sign-in share: a provider, a server that trusts it, and a private cache whose group may publish. */
abstract class SignInSetup {
    static final Map<String, Object> ANNA =
            Map.of("sub", "anna-1", "preferred_username", "anna", "groups", List.of("harbour"));
    static final String SIGNED_IN = "<a class=\"enter\" href=\"/me\">";
    static final String SIGN_IN = "<a class=\"enter\" href=\"/login";

    static OpenIdServer provider;
    static Server server;

    @BeforeAll
    static void start() throws Exception {
        provider = SharedSignInServer.instance().provider;
        server = SharedSignInServer.instance().server;
        try (var rows = new ServerDatabase(server)) {
            rows.cache("harbour", false);
            rows.change("insert into membership (cache_id, group_name, role)"
                    + " select id, 'harbour', 'publisher' from cache where name = 'harbour' on conflict do nothing");
        }
    }

    @AfterEach
    void asBefore() {
        provider.recover();
        provider.lifetimeSeconds = 300;
    }

    static ScriptlessBrowser signedIn(Map<String, Object> claims) throws Exception {
        provider.next = claims;
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertEquals("/status", page.uri().getPath(), page.body());
        assertTrue(page.body().contains(SIGNED_IN), page.body());
        return visitor;
    }

    static String signOut(ScriptlessBrowser visitor) throws Exception {
        return ScriptlessBrowser.first(
                "/logout\\?key=([0-9a-f]+)", visitor.get("/me").body());
    }

    static int narinfo(String token) throws IOException, InterruptedException {
        var request = server.request("/harbour/nix-cache-info").header("Authorization", "Bearer " + token);
        return server.http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }
}
