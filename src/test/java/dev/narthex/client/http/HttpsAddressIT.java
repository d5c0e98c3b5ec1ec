package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.OpenIdServer;
import dev.narthex.client.support.Server;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** If the public URL is https, a proxy in front of the server speaks TLS, and browsers get HSTS. */
class HttpsAddressIT {
    private static final String HOST = "registry.example";
    private static final String PUBLIC = "https://" + HOST;

    @Test
    void browsersAreToldToUseHttps() throws Exception {
        try (var provider = new OpenIdServer()) {
            var options = new ArrayList<>(List.of(provider.options()));
            options.add("-Dnarthex.url=" + PUBLIC);
            try (var server = Server.start(Server.folder(), options.toArray(String[]::new))) {
                var page = server.http.send(server.request("/main").build(), BodyHandlers.ofString());
                assertEquals(200, page.statusCode());
                assertEquals(
                        "max-age=31536000",
                        page.headers().firstValue("Strict-Transport-Security").orElse(""));
                assertTrue(page.body().contains(HOST), page.body());
                assertFalse(page.body().contains("127.0.0.1"), page.body());
                secure(server.http.send(
                        server.request("/prefs")
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .header("Origin", PUBLIC)
                                .POST(BodyPublishers.ofString("theme=dark&to=/"))
                                .build(),
                        BodyHandlers.ofString()));
                var start = server.http.send(server.request("/oidc/start").build(), BodyHandlers.ofString());
                secure(start);
                assertTrue(start.headers().firstValue("Location").orElse("").contains("redirect_uri=https%3A%2F%2F"));
            }
        }
    }

    private static void secure(HttpResponse<String> answer) {
        var cookies = answer.headers().allValues("Set-Cookie");
        assertFalse(cookies.isEmpty(), answer.toString());
        for (var cookie : cookies) {
            assertTrue(cookie.matches("(?i).*;\\s*secure.*") && cookie.matches("(?i).*;\\s*httponly.*"), cookie);
        }
    }
}
