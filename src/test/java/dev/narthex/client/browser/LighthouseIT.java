package dev.narthex.client.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.SharedServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lighthouse scores of the main pages, as on a phone with a slow network. It asks nobody but this machine. */
class LighthouseIT {
    private static final Path PROGRAM = Path.of(
            System.getProperty("narthex.tools", "target/tools"), "node_modules", "lighthouse", "cli", "index.js");
    private static final List<String> PERFECT = List.of("accessibility", "best-practices");
    private static final double FAST = 0.95;

    private final Server server = SharedServer.instance().server;

    @TempDir
    Path scratch;

    @ParameterizedTest
    @ValueSource(strings = {"/", "/main/npm/debug"})
    void homeAndPackagePagesGetFullScores(String page) throws Exception {
        assertFullMarks(page);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"/search?q=debug", "/main", "/main/npm/debug@latest/files/package/src/index.js"})
    void otherMainPagesGetFullScores(String page) throws Exception {
        assertFullMarks(page);
    }

    private void assertFullMarks(String page) throws Exception {
        var report = scratch.resolve("report.json");
        new ProgramRunner(scratch)
                .with("CHROME_PATH", "/usr/bin/chromium")
                .run(
                        "node",
                        PROGRAM.toAbsolutePath().toString(),
                        server.uri("") + page,
                        "--quiet",
                        "--output=json",
                        "--output-path=" + report,
                        "--only-categories=performance," + String.join(",", PERFECT),
                        "--no-enable-error-reporting",
                        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage")
                .succeeded();
        var told = new ObjectMapper().readTree(report.toFile());
        for (var category : PERFECT) {
            assertEquals(1.0, score(told, category), () -> page + " " + category + ": " + faults(told, category));
        }
        assertTrue(
                score(told, "performance") >= FAST,
                () -> page + " performance " + score(told, "performance") + ": " + faults(told, "performance"));
    }

    private static double score(JsonNode told, String category) {
        return told.path("categories").path(category).path("score").asDouble();
    }

    private static List<String> faults(JsonNode told, String category) {
        var faults = new ArrayList<String>();
        for (var part : told.path("categories").path(category).path("auditRefs")) {
            var audit = told.path("audits").path(part.path("id").asText());
            if (audit.path("score").isNumber() && audit.path("score").asDouble() < 1) {
                faults.add(audit.path("title").asText() + " "
                        + audit.path("displayValue").asText() + " "
                        + audit.path("details").path("items"));
            }
        }
        return faults;
    }
}
