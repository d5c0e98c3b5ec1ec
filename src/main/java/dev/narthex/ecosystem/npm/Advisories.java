package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.spi.PackageView;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseView;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What publishers know to be wrong with the versions that a client has, in the shape of npm's bulk endpoint. npm asks on
 * every install, so what is known of a package is kept until something changes in the cache.
 */
@Singleton
class Advisories {
    private static final int MOST_NAMES = 20_000;

    private final JsonMapper json = JsonMapper.builder().build();

    /** @param asked names with the versions in use, as JSON; what cannot be read is a problem */
    byte[] answer(Registry registry, InputStream asked) throws IOException {
        var answer = json.createObjectNode();
        for (var entry : read(asked).entrySet()) {
            var known = known(registry, entry.getKey());
            var hits = json.createArrayNode();
            known.properties().forEach(advisory -> {
                var versions = advisory.getValue();
                boolean hit = entry.getValue().stream().anyMatch(version -> contains(versions, version));
                if (hit) {
                    hits.add(advisory(registry, entry.getKey(), advisory.getKey(), versions));
                }
            });
            if (!hits.isEmpty()) {
                answer.set(entry.getKey(), hits);
            }
        }
        return json.writeValueAsBytes(answer);
    }

    private Map<String, List<String>> read(InputStream in) throws IOException {
        var names = new LinkedHashMap<String, List<String>>();
        try (var parser = json.createParser(in)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw malformed();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var name = parser.currentName();
                var versions = new ArrayList<String>();
                if (parser.nextToken() != JsonToken.START_ARRAY || names.size() == MOST_NAMES) {
                    throw malformed();
                }
                while (parser.nextToken() == JsonToken.VALUE_STRING) {
                    versions.add(parser.getText());
                }
                names.put(name, versions);
            }
        } catch (JsonProcessingException e) {
            throw malformed();
        }
        return names;
    }

    /** Versions by what is wrong with them. */
    private ObjectNode known(Registry registry, String name) throws IOException {
        if (NpmName.parse(name).isEmpty()) {
            return json.createObjectNode();
        }
        var kept = registry.document(
                NpmEcosystem.ID,
                name,
                "advisories",
                () -> registry.find(NpmEcosystem.ID, name)
                        .map(this::collect)
                        .orElse("{}")
                        .getBytes(StandardCharsets.UTF_8));
        return json.readTree(kept.bytes()) instanceof ObjectNode object ? object : json.createObjectNode();
    }

    private String collect(PackageView view) {
        var all = new TreeMap<String, List<String>>();
        for (ReleaseView release : view.releases()) {
            for (var vulnerability : release.facts().vulnerabilities()) {
                all.computeIfAbsent(vulnerability, v -> new ArrayList<>()).add(release.version());
            }
        }
        return json.valueToTree(all).toString();
    }

    private ObjectNode advisory(Registry registry, String name, String title, JsonNode versions) {
        var ranges = new ArrayList<String>();
        versions.forEach(version -> ranges.add(version.asText()));
        var advisory = json.createObjectNode();
        advisory.put("id", title.hashCode() & Integer.MAX_VALUE);
        advisory.put("url", registry.baseUrl() + "/" + registry.cache().name() + "/npm/" + name);
        advisory.put("title", title);
        // The publisher gives no rating. "high" is what makes npm speak of it without stopping at "critical".
        advisory.put("severity", "high");
        advisory.put("vulnerable_versions", String.join(" || ", ranges));
        advisory.set("cwe", json.createArrayNode());
        advisory.set("cvss", json.createObjectNode().put("score", 0).putNull("vectorString"));
        return advisory;
    }

    private static boolean contains(JsonNode versions, String version) {
        for (var one : versions) {
            if (one.asText().equals(version)) {
                return true;
            }
        }
        return false;
    }

    private static RuntimeException malformed() {
        return new Problem.Malformed(
                        "audit request", "", "expected a JSON object of names, each with a list of versions.")
                .asException();
    }
}
