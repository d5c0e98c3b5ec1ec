package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * Evaluates the bulk audit request of npm, yarn and bun: package names with the versions in use. The response contains those that
 * are vulnerable.
 */
final class BulkAudit {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Map<String, List<Advisory>> flaws;
    private final ObjectNode answer = NODES.objectNode();

    BulkAudit(Map<String, List<Advisory>> advisories) {
        this.flaws = advisories;
    }

    ObjectNode respond(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw NpmAuditEndpoint.malformed();
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var advisories = flaws.getOrDefault(parser.currentName(), List.of());
            var name = parser.currentName();
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw NpmAuditEndpoint.malformed();
            }
            var versions = new HashSet<String>();
            while (parser.nextToken() == JsonToken.VALUE_STRING) {
                if (!advisories.isEmpty()) {
                    versions.add(parser.getText());
                }
            }
            if (parser.currentToken() != JsonToken.END_ARRAY) {
                throw NpmAuditEndpoint.malformed();
            }
            var hits = NODES.arrayNode();
            advisories.stream()
                    .filter(advisory -> advisory.versions().stream().anyMatch(versions::contains))
                    .map(Advisory::brief)
                    .forEach(hits::add);
            if (!hits.isEmpty()) {
                answer.set(name, hits);
            }
        }
        return answer;
    }
}
