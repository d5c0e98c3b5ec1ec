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
    private final Map<Advisory, Map<String, ArrayNode>> found = new LinkedHashMap<>();

    private final Deque<String> way = new ArrayDeque<>();
    private int all;
    private int dev;
    private int optional;

    QuickAudit(Map<String, List<Advisory>> flaws) {
        this.flaws = flaws;
    }

    ObjectNode answer(JsonParser asked) throws IOException {
        if (asked.nextToken() != JsonToken.START_OBJECT) {
            throw NpmAuditEndpoint.malformed();
        }
        while (asked.nextToken() == JsonToken.FIELD_NAME) {
            var member = asked.currentName();
            asked.nextToken();
            if (member.equals("dependencies")) {
                packages(asked);
            }
            asked.skipChildren();
        }
        return report();
    }

    private void packages(JsonParser asked) throws IOException {
        if (asked.currentToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (asked.nextToken() == JsonToken.FIELD_NAME) {
            way.addLast(asked.currentName());
            if (asked.nextToken() == JsonToken.START_OBJECT) {
                one(asked);
            }
            asked.skipChildren();
            way.removeLast();
        }
    }

    private void one(JsonParser asked) throws IOException {
        var version = "";
        while (asked.nextToken() == JsonToken.FIELD_NAME) {
            var member = asked.currentName();
            boolean yes = asked.nextToken() == JsonToken.VALUE_TRUE;
            switch (member) {
                case "version" -> version = asked.getText();
                case "dev" -> dev += yes ? 1 : 0;
                case "optional" -> optional += yes ? 1 : 0;
                case "dependencies" -> packages(asked);
                default -> {}
            }
            asked.skipChildren();
        }
        all++;
        for (var flaw : flaws.getOrDefault(way.getLast(), List.of())) {
            if (flaw.versions().contains(version)) {
                var ways = found.computeIfAbsent(flaw, f -> new TreeMap<>())
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
        for (var each : found.entrySet()) {
            var flaw = each.getKey();
            var advisory =
                    advisories.set(Integer.toString(flaw.id()), flaw.whole()).withObject("/" + flaw.id());
            var findings = advisory.putArray("findings");
            var resolves = NODES.arrayNode();
            each.getValue().forEach((version, paths) -> {
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
        metadata.put("dependencies", all - dev - optional);
        metadata.put("devDependencies", dev);
        metadata.put("optionalDependencies", optional);
        metadata.put("totalDependencies", all);
    }
}
