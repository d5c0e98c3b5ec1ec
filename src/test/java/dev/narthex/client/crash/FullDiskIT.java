package dev.narthex.client.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.DataFolders;
import dev.narthex.client.support.Server;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** If the disk for uploads is full, clients get an error, nothing is left behind, and small pushes still succeed. */
class FullDiskIT {
    private static final int SPOOL_BYTES = 6 << 20;

    private static Path data;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        data = Server.folder();
        server = Server.startWithSmallSpool(data, SPOOL_BYTES);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
        DataFolders.delete(data);
    }

    private static HttpResponse<String> send(String method, String path, String body)
            throws IOException, InterruptedException {
        var request = server.authorized(path)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body));
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> publish(String name, int characters) throws IOException, InterruptedException {
        var content = new StringBuilder();
        new Random(7).ints(characters, '0', 'z').forEach(c -> content.append((char) c));
        var request = PublishRequestFixture.of(name, "1.0.0", Map.of("package/filling.txt", content.toString()));
        return send("PUT", "/registry/main/npm/" + name, request.body());
    }

    private static HttpResponse<String> checkLockfile(int files) throws IOException, InterruptedException {
        var entries = IntStream.range(0, files)
                .mapToObj(i -> "\"node_modules/p%d\":{\"version\":\"1.0.0\",\"integrity\":\"sha1-%s=\"}"
                        .formatted(i, "A".repeat(27)))
                .collect(Collectors.joining(","));
        return send("POST", "/_api/v1/main/locks/npm", "{\"lockfileVersion\":3,\"packages\":{" + entries + "}}");
    }

    private static void assertFull(HttpResponse<String> response) {
        assertEquals(507, response.statusCode(), response.body());
        assertTrue(response.body().contains("is full"), response.body());
    }

    @Test
    void uploadOverDiskSpaceIsRefusedAndTheNextAccepted() throws Exception {
        for (int i = 0; i < 3; i++) {
            assertFull(publish("hold", 12_000_000));
            assertFull(checkLockfile(30_000));
        }
        assertEquals(201, publish("mast", 1000).statusCode());
        assertEquals(200, checkLockfile(10).statusCode());
        assertEquals(404, send("GET", "/registry/main/npm/hold", "").statusCode());
    }
}
