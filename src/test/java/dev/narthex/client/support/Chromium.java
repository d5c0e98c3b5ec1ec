package dev.narthex.client.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One Chromium process for all tests of this JVM, started when the first {@link Browser} needs it. */
final class Chromium {
    private static Chromium running;

    private final Path profile;
    private final Process process;
    private final String address;
    private final ChromeDevTools devTools;

    /** A page with its own cookies, cache and permissions. */
    record Page(String context, ChromeDevTools devTools) {}

    private Chromium() throws Exception {
        profile = Files.createTempDirectory("narthex-browser");
        process = new ProcessBuilder(
                        "chromium",
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        // pages that open during a resize log an error
                        "--force-prefers-reduced-motion",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop));
        var written = profile.resolve("DevToolsActivePort");
        Poll.until(
                "Chromium listens",
                () -> Files.exists(written) && Files.readAllLines(written).size() == 2);
        var lines = Files.readAllLines(written);
        address = "ws://127.0.0.1:" + lines.getFirst();
        devTools = new ChromeDevTools(URI.create(address + lines.getLast()), event -> {});
    }

    static synchronized Chromium instance() throws Exception {
        if (running == null || !running.process.isAlive()) {
            running = new Chromium();
        }
        return running;
    }

    /** @param events as passed on by {@link ChromeDevTools} */
    Page open(Consumer<JsonNode> events) throws Exception {
        var context = devTools.call("Target.createBrowserContext", Map.of())
                .path("browserContextId")
                .asText();
        var target = devTools.call("Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
                .path("targetId")
                .asText();
        return new Page(context, new ChromeDevTools(URI.create(address + "/devtools/page/" + target), events));
    }

    /** Grants permissions to pages of this origin that otherwise need a prompt. */
    void grant(Page page, String permission, String origin) throws Exception {
        devTools.call(
                "Browser.grantPermissions",
                Map.of("permissions", List.of(permission), "origin", origin, "browserContextId", page.context()));
    }

    void close(Page page) throws Exception {
        page.devTools().close();
        devTools.call("Target.disposeBrowserContext", Map.of("browserContextId", page.context()));
    }

    private void stop() {
        try {
            // its processes may live a moment longer and write into its folder
            var helpers = process.descendants().toList();
            process.destroy();
            process.waitFor();
            for (var helper : helpers) {
                helper.destroyForcibly();
                helper.onExit().join();
            }
            try (var files = Files.walk(profile)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
