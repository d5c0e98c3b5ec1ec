package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import java.io.IOException;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server starts twice on its data folder. Its identity provider hangs at the first start and refuses connections at the second
 * one; the admin token is lost while the server runs and while it does not.
 */
class RestartIT {
    /** A page waits 3 seconds for the provider; the rest is for a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(8);

    @TempDir
    Path scratch;

    @Test
    void serverStartsWithoutItsProviderAndLostAdminTokensAreReplaced() throws Exception {
        var data = Server.freshFolder();
        var nothing = new ProgramRunner(scratch)
                .run(Server.command(data, "admin-token"))
                .failed();
        assertTrue(nothing.err().contains("There is no Narthex in"), nothing.err());
        String running;
        try (var provider = new OpenIdServer()) {
            provider.next = Map.of("sub", "anna-1", "preferred_username", "anna");
            provider.hang();
            try (var first = Server.start(data, provider.options())) {
                signsInOnceTheProviderAnswers(first, provider);
                Files.delete(data.resolve("admin-token"));
                running = newAdminToken(data);
                assertEquals(
                        running, Files.readString(data.resolve("admin-token")).strip());
                assertEquals(200, tokens(first, running), "the token made while the server runs");
                assertFalse(first.log().contains(running), "the token is in the log");
                provider.hang();
            }
            var stopped = newAdminToken(data);
            provider.close();
            try (var second = Server.start(data, provider.options())) {
                soon(503, second, "/oidc/start");
                soon(200, second, "/main");
                assertEquals(200, tokens(second, stopped), "the token made while the server was stopped");
                assertEquals(200, tokens(second, running), "the token made before");
                try (var rows = new ServerDatabase(second)) {
                    assertEquals(2, rows.number("select count(*) from audit where actor = 'command line'"));
                }
            }
        }
        DataFolders.delete(data);
    }

    private static void signsInOnceTheProviderAnswers(Server server, OpenIdServer provider) throws Exception {
        soon(200, server, "/main");
        soon(503, server, "/oidc/start");
        provider.recover();
        var visitor = new ScriptlessBrowser(server);
        var page = visitor.signIn();
        assertTrue(page.body().contains("<a class=\"enter\" href=\"/me\">"), page.body());
        assertFalse(visitor.session().isEmpty(), "no session");
    }

    private static void soon(int status, Server server, String path) throws Exception {
        long start = System.nanoTime();
        var answer = new ScriptlessBrowser(server).get(path);
        var took = Duration.ofNanos(System.nanoTime() - start);
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(took.compareTo(SOON) < 0, path + " took " + took);
        if (status == 503) {
            assertTrue(answer.body().contains("does not respond"), answer.body());
            assertTrue(answer.headers().firstValue("Retry-After").isPresent());
        }
    }

    private String newAdminToken(Path data) {
        var out = new ProgramRunner(scratch)
                .run(Server.command(data, "admin-token"))
                .succeeded()
                .out();
        return out.strip().lines().reduce((earlier, later) -> later).orElseThrow();
    }

    private static int tokens(Server server, String token) throws IOException, InterruptedException {
        return server.http
                .send(
                        server.request("/_api/v1/tokens?all=true")
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }
}
