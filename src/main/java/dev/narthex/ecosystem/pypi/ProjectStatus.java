package dev.narthex.ecosystem.pypi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.spi.UntrustedText;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * The status of a whole project, stored in its state under these keys: {@code project-status} is {@code {"status", "reason"}}
 * (PEP 792), {@code tracks} and {@code alternate-locations} are lists of URLs (PEP 708).
 *
 * @param status active, archived, quarantined or deprecated
 * @param reason of the status; may be empty
 */
record ProjectStatus(String status, String reason, List<String> tracks, List<String> alternateLocations) {
    private static final JsonMapper JSON = UntrustedJson.mapper().build();
    private static final String ACTIVE = "active";
    private static final Set<String> STATUSES = Set.of(ACTIVE, "archived", "quarantined", "deprecated");

    ProjectStatus {
        tracks = List.copyOf(tracks);
        alternateLocations = List.copyOf(alternateLocations);
    }

    static ProjectStatus of(Map<String, String> state) {
        var status = member(state, "project-status");
        var word = status.path("status").asText(ACTIVE);
        return new ProjectStatus(
                STATUSES.contains(word) ? word : ACTIVE,
                UntrustedText.line(status.path("reason").asText("")),
                addresses(member(state, "tracks")),
                addresses(member(state, "alternate-locations")));
    }

    /** Whether its files are hidden from all clients. */
    boolean quarantined() {
        return status.equals("quarantined");
    }

    private static JsonNode member(Map<String, String> state, String key) {
        try {
            return JSON.readTree(state.getOrDefault(key, "{}"));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the state " + key + " of a project is no JSON", e);
        }
    }

    private static List<String> addresses(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(address -> UntrustedText.address(address.asText()))
                .filter(address -> !address.isEmpty())
                .toList();
    }
}
