package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import dev.narthex.spi.UntrustedJson;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Reads and writes small JSON bodies that are not cached. */
final class NpmJson {
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_NAME_LENGTH = 300;

    private NpmJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static ObjectNode object(Map<String, String> members) {
        return JSON.valueToTree(members);
    }

    /** Decodes the key of a CouchDB view, a JSON text. Anything else is used unchanged. */
    static String key(String json) {
        try {
            var key = JSON.readTree(json);
            return key != null && key.isTextual() ? key.textValue() : json;
        } catch (JsonProcessingException e) {
            return json;
        }
    }

    /** @throws dev.narthex.problem.ProblemException Malformed if it is not a JSON object, TooLarge */
    static JsonNode read(InputStream body) throws IOException {
        return read(body, MAX_BYTES);
    }

    /** @param max maximum length in bytes */
    static JsonNode read(InputStream body, int max) throws IOException {
        var bytes = body.readNBytes(max + 1);
        if (bytes.length > max) {
            throw Problem.tooLarge("body", "This body may have " + max + " bytes.");
        }
        try {
            var read = JSON.readTree(bytes);
            if (read != null && read.isObject()) {
                return read;
            }
        } catch (JsonProcessingException e) {
            // thrown below
        }
        throw Problem.malformed("body", "", "send a JSON object.");
    }

    /**
     * Returns a name from a body.
     *
     * @throws dev.narthex.problem.ProblemException Malformed if it is missing or invalid
     */
    static String text(JsonNode body, String member) {
        var text = body.path(member).asText("").strip();
        if (text.isEmpty() || text.length() > MAX_NAME_LENGTH || text.indexOf('\0') >= 0) {
            throw Problem.malformed(member, text, "use a name of at most " + MAX_NAME_LENGTH + " characters.");
        }
        return text;
    }

    static Response respond(int status, Map<String, String> members) {
        return respond(status, JSON.<JsonNode>valueToTree(members));
    }

    static Response respond(int status, List<String> items) {
        return respond(status, JSON.<JsonNode>valueToTree(items));
    }

    static Response respond(int status, JsonNode body) {
        return Response.status(status)
                .type("application/json; charset=utf-8")
                .header("Cache-Control", "no-store")
                .entity(body.toString().getBytes(StandardCharsets.UTF_8))
                .build();
    }
}
