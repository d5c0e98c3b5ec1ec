package dev.narthex.client.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** Pushes to one cache like nix, but also invalid content. */
public record NixPushClient(Server server, String cache) {
    private static final Duration AT_ONCE = Duration.ofSeconds(20);

    /** Uploads NAR and narinfo; fails if the server refuses them. */
    public void publish(SmallNar nar, String path) throws IOException, InterruptedException {
        upload(nar.bytes());
        var answer = narInfo(path, SmallNar.text(nar.narInfo(path)));
        assertTrue(answer.statusCode() <= 201, answer.body());
    }

    /** Uploads a file under the name that nix gives it. */
    public HttpResponse<String> upload(byte[] file) throws IOException, InterruptedException {
        return put("nar/" + SmallNar.fileName(file), file);
    }

    public HttpResponse<String> narInfo(String path, String text) throws IOException, InterruptedException {
        return put(SmallNar.hashPart(path) + ".narinfo", text.getBytes(StandardCharsets.UTF_8));
    }

    public HttpResponse<String> metadata(String json) throws IOException, InterruptedException {
        return send("/_api/v1/" + cache + "/derivation-meta", json.getBytes(StandardCharsets.UTF_8));
    }

    /** @param target below the URL of the cache */
    public HttpResponse<String> put(String target, byte[] body) throws IOException, InterruptedException {
        return send("/" + cache + "/" + target, body);
    }

    private HttpResponse<String> send(String target, byte[] body) throws IOException, InterruptedException {
        var request = server.authorized(target).timeout(AT_ONCE).PUT(BodyPublishers.ofByteArray(body));
        return server.http.send(request.build(), BodyHandlers.ofString());
    }

    /** Expects this status and one or two lines of plain text. */
    public static void assertRefused(HttpResponse<String> answer, int status, String what) {
        assertEquals(status, answer.statusCode(), () -> what + ": " + answer.body());
        var type = answer.headers().firstValue("Content-Type").orElse("");
        assertEquals("text/plain;charset=utf-8", type.replace(" ", "").toLowerCase(Locale.ROOT), what);
        assertTrue(!answer.body().isBlank() && answer.body().length() < 2000, answer.body());
    }
}
