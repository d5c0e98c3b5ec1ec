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

    BulkAudit(Map<String, List<Advisory>> flaws) {
        this.flaws = flaws;
    }

    ObjectNode answer(JsonParser asked) throws IOException {
        if (asked.nextToken() != JsonToken.START_OBJECT) {
            throw NpmAuditEndpoint.malformed();
        }
        while (asked.nextToken() == JsonToken.FIELD_NAME) {
            var known = flaws.getOrDefault(asked.currentName(), List.of());
            var name = asked.currentName();
            if (asked.nextToken() != JsonToken.START_ARRAY) {
                throw NpmAuditEndpoint.malformed();
            }
            var versions = new HashSet<String>();
            while (asked.nextToken() == JsonToken.VALUE_STRING) {
                if (!known.isEmpty()) {
                    versions.add(asked.getText());
                }
            }
            if (asked.currentToken() != JsonToken.END_ARRAY) {
                throw NpmAuditEndpoint.malformed();
            }
            var hits = NODES.arrayNode();
            known.stream()
                    .filter(flaw -> flaw.versions().stream().anyMatch(versions::contains))
                    .map(Advisory::brief)
                    .forEach(hits::add);
            if (!hits.isEmpty()) {
                answer.set(name, hits);
            }
        }
        return answer;
    }
}
