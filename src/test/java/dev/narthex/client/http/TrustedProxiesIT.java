package dev.narthex.client.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.narthex.client.support.ScriptlessBrowser;
import dev.narthex.client.support.Server;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** The client address is that of the connection, unless a trusted proxy reports another one. */
class TrustedProxiesIT {
    private static final String PROXY = "127.0.0.2";
    private static final String CLAIMED = "203.0.113.9";

    @Test
    void onlyHeadersOfTheTrustedProxyAreUsed() throws Exception {
        try (var server = Server.start(Server.folder(), "-Dnarthex.trusted-proxies=" + PROXY + ",192.0.2.0/24")) {
            assertEquals(CLAIMED, noted(server, PROXY, CLAIMED));
            assertEquals("127.0.0.1", noted(server, "127.0.0.1", CLAIMED));
            assertEquals("127.0.0.3", noted(server, "127.0.0.3", CLAIMED + ", 192.0.2.1"));
            var host = ask(server, PROXY, "/main", "X-Forwarded-Host", "elsewhere.example");
            assertEquals(200, host.statusCode());
            assertFalse(host.body().contains("elsewhere.example"));
        }
    }

    /** Returns the address in the audit log of the last request. */
    private static String noted(Server server, String from, String claimed) throws Exception {
        try (var client = from(from)) {
            var made = client.send(
                    server.authorized("/_api/v1/caches/main/keys")
                            .header("X-Forwarded-For", claimed)
                            .header("Forwarded", "for=198.51.100.1")
                            .POST(BodyPublishers.noBody())
                            .build(),
                    BodyHandlers.ofString());
            assertEquals(201, made.statusCode(), made.body());
        }
        var audit = server.http
                .send(server.authorized("/_api/v1/audit").build(), BodyHandlers.ofString())
                .body();
        return ScriptlessBrowser.first("\"address\":\"([^\"]+)\"", audit);
    }

    private static HttpResponse<String> ask(Server server, String from, String path, String... headers)
            throws Exception {
        try (var client = from(from)) {
            return client.send(server.request(path).headers(headers).build(), BodyHandlers.ofString());
        }
    }

    private static HttpClient from(String address) throws Exception {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(InetAddress.getByName(address))
                .build();
    }
}
