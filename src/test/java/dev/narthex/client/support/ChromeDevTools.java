package dev.narthex.client.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A connection to Chromium or one of its pages through the DevTools protocol. */
final class ChromeDevTools implements AutoCloseable {
    private static final int ANSWER_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final WebSocket socket;
    private final Consumer<JsonNode> events;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();

    /** @param events receives each message that is not a response */
    ChromeDevTools(URI address, Consumer<JsonNode> events) throws Exception {
        this.events = events;
        socket = HTTP.newWebSocketBuilder().buildAsync(address, new Listener()).get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** Joins the parts of each message and passes responses to their callers. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence piece, boolean last) {
            message.append(piece);
            if (last) {
                take(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedStage(null);
        }
    }

    private void take(String message) {
        try {
            var read = JSON.readTree(message);
            if (read.has("id")) {
                open.remove(read.path("id").asInt()).complete(read);
            } else {
                events.accept(read);
            }
        } catch (IOException e) {
            throw new IllegalStateException(message, e);
        }
    }

    JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        open.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        var read = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (read.has("error")) {
            throw new IOException(method + ": " + read);
        }
        return read.path("result");
    }

    @Override
    public void close() {
        socket.abort();
    }
}
