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

/** Lighthouse scores of the main pages, with the profile of a phone on a slow network. It connects to this machine only. */
class LighthouseIT {
    private static final Path LIGHTHOUSE = Path.of(
            System.getProperty("narthex.tools", "target/tools"), "node_modules", "lighthouse", "cli", "index.js");
    private static final List<String> FULL_SCORE_CATEGORIES = List.of("accessibility", "best-practices");
    private static final double MIN_PERFORMANCE_SCORE = 0.95;

    private final Server server = SharedServer.instance().server;

    @TempDir
    Path scratch;

    @ParameterizedTest
    @ValueSource(strings = {"/", "/main/npm/debug"})
    void homeAndPackagePagesGetFullScores(String page) throws Exception {
        assertFullScores(page);
    }

    @ParameterizedTest
    @Tag("long")
    @ValueSource(strings = {"/search?q=debug", "/main", "/main/npm/debug@latest/files/package/src/index.js"})
    void otherMainPagesGetFullScores(String page) throws Exception {
        assertFullScores(page);
    }

    private void assertFullScores(String page) throws Exception {
        var report = scratch.resolve("report.json");
        new ProgramRunner(scratch)
                .with("CHROME_PATH", "/usr/bin/chromium")
                .run(
                        "node",
                        LIGHTHOUSE.toAbsolutePath().toString(),
                        server.uri("") + page,
                        "--quiet",
                        "--output=json",
                        "--output-path=" + report,
                        "--only-categories=performance," + String.join(",", FULL_SCORE_CATEGORIES),
                        "--no-enable-error-reporting",
                        "--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage")
                .succeeded();
        var reportJson = new ObjectMapper().readTree(report.toFile());
        for (var category : FULL_SCORE_CATEGORIES) {
            assertEquals(
                    1.0,
                    score(reportJson, category),
                    () -> page + " " + category + ": " + failedAudits(reportJson, category));
        }
        assertTrue(
                score(reportJson, "performance") >= MIN_PERFORMANCE_SCORE,
                () -> page + " performance " + score(reportJson, "performance") + ": "
                        + failedAudits(reportJson, "performance"));
    }

    private static double score(JsonNode reportJson, String category) {
        return reportJson.path("categories").path(category).path("score").asDouble();
    }

    private static List<String> failedAudits(JsonNode reportJson, String category) {
        var failedAudits = new ArrayList<String>();
        for (var part : reportJson.path("categories").path(category).path("auditRefs")) {
            var audit = reportJson.path("audits").path(part.path("id").asText());
            if (audit.path("score").isNumber() && audit.path("score").asDouble() < 1) {
                failedAudits.add(audit.path("title").asText() + " "
                        + audit.path("displayValue").asText() + " "
                        + audit.path("details").path("items"));
            }
        }
        return failedAudits;
    }
}
