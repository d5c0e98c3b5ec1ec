package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Evaluates the audit request of pnpm and older clients: the tree of a lockfile. Each package is an object with its version and
 * nested packages. It is read as a stream; only the paths to vulnerable packages are kept.
 */
final class QuickAudit {
    /** Maximum number of reported paths to one version of a package. */
    private static final int MAX_PATHS = 100;

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, List<Advisory>> flaws;

    /** Paths by advisory and version. */
    private final Map<Advisory, Map<String, ArrayNode>> matches = new LinkedHashMap<>();

    private final Deque<String> way = new ArrayDeque<>();
    private int dependencyCount;
    private int dev;
    private int optional;

    QuickAudit(Map<String, List<Advisory>> advisories) {
        this.flaws = advisories;
    }

    ObjectNode respond(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw NpmAuditEndpoint.malformed();
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var member = parser.currentName();
            parser.nextToken();
            if (member.equals("dependencies")) {
                packages(parser);
            }
            parser.skipChildren();
        }
        return report();
    }

    private void packages(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            way.addLast(parser.currentName());
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                readPackage(parser);
            }
            parser.skipChildren();
            way.removeLast();
        }
    }

    private void readPackage(JsonParser parser) throws IOException {
        var version = "";
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var member = parser.currentName();
            boolean yes = parser.nextToken() == JsonToken.VALUE_TRUE;
            switch (member) {
                case "version" -> version = parser.getText();
                case "dev" -> dev += yes ? 1 : 0;
                case "optional" -> optional += yes ? 1 : 0;
                case "dependencies" -> packages(parser);
                default -> {}
            }
            parser.skipChildren();
        }
        dependencyCount++;
        for (var advisory : flaws.getOrDefault(way.getLast(), List.of())) {
            if (advisory.versions().contains(version)) {
                var ways = matches.computeIfAbsent(advisory, f -> new TreeMap<>())
                        .computeIfAbsent(version, v -> NODES.arrayNode());
                if (ways.size() < MAX_PATHS) {
                    ways.add(String.join(">", way));
                }
            }
        }
    }

    private ObjectNode report() {
        var report = NODES.objectNode();
        var actions = report.putArray("actions");
        var advisories = report.putObject("advisories");
        report.putArray("muted");
        int ways = 0;
        for (var entry : matches.entrySet()) {
            var flaw = entry.getKey();
            var advisory = advisories
                    .set(Integer.toString(flaw.id()), flaw.toLegacyJson())
                    .withObject("/" + flaw.id());
            var findings = advisory.putArray("findings");
            var resolves = NODES.arrayNode();
            entry.getValue().forEach((version, paths) -> {
                findings.addObject().put("version", version).set("paths", paths);
                paths.forEach(path -> resolves.addObject()
                        .put("id", flaw.id())
                        .put("path", path.asText())
                        .put("dev", false)
                        .put("optional", false)
                        .put("bundled", false));
            });
            ways += resolves.size();
            actions.addObject()
                    .put("action", "review")
                    .put("module", flaw.name())
                    .set("resolves", resolves);
        }
        count(report.putObject("metadata"), ways);
        return report;
    }

    private void count(ObjectNode metadata, int ways) {
        var ratings = metadata.putObject("vulnerabilities");
        for (var rating : List.of("info", "low", "moderate", "high", "critical")) {
            ratings.put(rating, rating.equals(Advisory.SEVERITY) ? ways : 0);
        }
        metadata.put("dependencies", dependencyCount - dev - optional);
        metadata.put("devDependencies", dev);
        metadata.put("optionalDependencies", optional);
        metadata.put("totalDependencies", dependencyCount);
    }
}
