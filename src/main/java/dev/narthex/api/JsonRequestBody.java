package dev.narthex.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.UntrustedJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * Reads small JSON bodies of the management API. Unknown members are rejected, because a misspelled restriction would grant more
 * rights than intended.
 */
public final class JsonRequestBody {
    private static final int MAX_BYTES = 64 << 10;
    private static final ObjectMapper JSON = UntrustedJson.mapper()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private JsonRequestBody() {}

    /**
     * Reads a JSON body.
     *
     * @param type a record whose components are Optional
     * @throws ProblemException Malformed, naming the member; TooLarge
     */
    public static <T> T read(InputStream body, Class<T> type) throws IOException {
        return parse(bytes(body), type);
    }

    /**
     * Reads a JSON merge patch (RFC 7396): omitted members stay unchanged, members that are null are removed.
     *
     * @param none the removable members, each with the value that means "removed"; other members must not be null
     * @throws ProblemException as {@link #read}, and Malformed if another member is null
     */
    public static <T> T readPatch(InputStream body, Class<T> type, Map<String, ?> none) throws IOException {
        var bytes = bytes(body);
        var patch = parse(bytes, type);
        var members = JSON.readTree(bytes);
        var removed = members.properties().stream()
                .filter(member -> member.getValue().isNull())
                .map(Map.Entry::getKey)
                .toList();
        if (removed.isEmpty()) {
            return patch;
        }
        for (var member : removed) {
            if (!none.containsKey(member)) {
                throw Problem.malformed(member, "null", "this member cannot be null. Omit it to keep its value.");
            }
            ((ObjectNode) members).set(member, JSON.valueToTree(none.get(member)));
        }
        return JSON.treeToValue(members, type);
    }

    private static byte[] bytes(InputStream body) throws IOException {
        var bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw Problem.tooLarge("body", "This body may have " + MAX_BYTES + " bytes.");
        }
        return bytes;
    }

    private static <T> T parse(byte[] bytes, Class<T> type) throws IOException {
        try {
            return Optional.ofNullable(JSON.readValue(bytes, type))
                    .orElseThrow(() -> Problem.malformed("body", "null", "send a JSON object."));
        } catch (UnrecognizedPropertyException e) {
            throw Problem.malformed(
                    e.getPropertyName(),
                    e.getPropertyName(),
                    "unknown member. Known members: " + e.getKnownPropertyIds() + ".");
        } catch (JsonMappingException e) {
            throw Problem.malformed(member(e), "", "the value has the wrong type.");
        } catch (JsonProcessingException e) {
            throw Problem.malformed("body", "", "this is no JSON.");
        }
    }

    private static String member(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .flatMap(name -> Optional.ofNullable(name).stream())
                .findFirst()
                .orElse("body");
    }
}
