package dev.narthex.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real Chromium with one page, driven by its DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final int ANSWER_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path profile;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> open = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    Browser() throws Exception {
        profile = Files.createTempDirectory("narthex-browser");
        process = new ProcessBuilder(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        // a page that moves in while the window is resized complains of it
                        "--force-prefers-reduced-motion",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        var told = profile.resolve("DevToolsActivePort");
        Poll.until(
                "Chromium listens",
                () -> Files.exists(told) && Files.readAllLines(told).size() == 2);
        socket = http.newWebSocketBuilder()
                .buildAsync(page(Files.readAllLines(told).getFirst()), new Listener())
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        for (var domain : List.of("Page", "Runtime", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private URI page(String port) throws IOException, InterruptedException {
        var list = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                        .build(),
                BodyHandlers.ofString());
        for (var target : JSON.readTree(list.body())) {
            if (target.path("type").asText().equals("page")) {
                return URI.create(target.path("webSocketDebuggerUrl").asText());
            }
        }
        throw new IOException("no page in " + list.body());
    }

    /** Collects the pieces of each message; answers go to who asked, complaints are kept. */
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
            var told = JSON.readTree(message);
            if (told.has("id")) {
                open.remove(told.path("id").asInt()).complete(told);
            } else if (told.path("method").asText().equals("Log.entryAdded")) {
                complaints.add(told.path("params").path("entry").path("text").asText());
            } else if (told.path("method").asText().equals("Runtime.exceptionThrown")) {
                complaints.add(message);
            }
        } catch (IOException e) {
            throw new IllegalStateException(message, e);
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        open.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
        var told = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (told.has("error")) {
            throw new IOException(method + ": " + told);
        }
        return told.path("result");
    }

    void go(URI address) throws Exception {
        call("Page.navigate", Map.of("url", address.toString()));
        await("location.href != 'about:blank' && document.readyState == 'complete'");
    }

    /** The value of an expression in the page. */
    JsonNode value(String expression) throws Exception {
        var told = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (told.has("exceptionDetails")) {
            throw new IOException(expression + ": " + told);
        }
        return told.path("result").path("value");
    }

    /** Waits until it is true of the page that is shown, or of the next one. */
    void await(String condition) throws Exception {
        Poll.until(condition, () -> {
            try {
                return value("Boolean(" + condition + ")").asBoolean();
            } catch (IOException e) {
                // between two pages there is none to ask
                return false;
            }
        });
    }

    /** Clicks what leads to another page, and waits until that is there. */
    void leave(String selector) throws Exception {
        value("window.left = true");
        click(selector);
        await("!window.left && document.readyState == 'complete'");
    }

    void click(String selector) throws Exception {
        value("document.querySelector(" + JSON.writeValueAsString(selector) + ").click()");
    }

    void type(String selector, String text) throws Exception {
        value("document.querySelector(" + JSON.writeValueAsString(selector) + ").value = "
                + JSON.writeValueAsString(text));
    }

    String path() throws Exception {
        return value("location.pathname").asText();
    }

    String text() throws Exception {
        return value("document.body.innerText").asText();
    }

    /** What the console complained about: scripts that failed, what the policy of a page forbade, missing files. */
    List<String> complaints() {
        return complaints;
    }

    /** The whole page as a picture; whether it can be scrolled sideways is an error of ours. */
    void picture(Path file, int width, String scheme) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        var picture = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
        if (value("document.documentElement.scrollWidth").asInt() > width) {
            throw new AssertionError(
                    path() + " is wider than " + width + ": " + value("document.documentElement.scrollWidth"));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        socket.abort();
        process.destroy();
        process.waitFor();
        try (var files = Files.walk(profile)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
