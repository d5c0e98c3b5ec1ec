package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.problem.Problem;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Small bodies, in and out, that nobody keeps. */
final class NpmJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LIMIT = 64 << 10;

    private NpmJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** @throws dev.narthex.problem.ProblemException Malformed if it is no JSON object, TooLarge */
    static JsonNode read(InputStream body) throws IOException {
        var bytes = body.readNBytes(LIMIT + 1);
        if (bytes.length > LIMIT) {
            throw new Problem.TooLarge("body", "This body may have " + LIMIT + " bytes.").asException();
        }
        try {
            var read = JSON.readTree(bytes);
            if (read != null && read.isObject()) {
                return read;
            }
        } catch (JsonProcessingException e) {
            // told below
        }
        throw new Problem.Malformed("body", "", "send a JSON object.").asException();
    }

    static Response answer(int status, Map<String, String> members) {
        return answer(status, JSON.<JsonNode>valueToTree(members));
    }

    static Response answer(int status, JsonNode body) {
        return Response.status(status)
                .type("application/json; charset=utf-8")
                .header("Cache-Control", "no-store")
                .entity(body.toString().getBytes(StandardCharsets.UTF_8))
                .build();
    }
}
