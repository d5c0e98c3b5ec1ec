package dev.narthex.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.UntrustedJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Small JSON bodies of the management API. A member that is not known is refused: a typing error must not widen a right. */
public final class JsonBody {
    private static final int LIMIT = 64 << 10;
    private static final ObjectMapper JSON = UntrustedJson.mapper()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private JsonBody() {}

    /**
     * @param type a record whose components are Optional
     * @throws ProblemException Malformed, naming the member; TooLarge
     */
    public static <T> T read(InputStream body, Class<T> type) throws IOException {
        var bytes = body.readNBytes(LIMIT + 1);
        if (bytes.length > LIMIT) {
            throw new Problem.TooLarge("body", "This body may have " + LIMIT + " bytes.").asException();
        }
        try {
            return Optional.ofNullable(JSON.readValue(bytes, type))
                    .orElseThrow(() -> new Problem.Malformed("body", "null", "send a JSON object.").asException());
        } catch (UnrecognizedPropertyException e) {
            throw new Problem.Malformed(
                            e.getPropertyName(),
                            e.getPropertyName(),
                            "there is no such member here; these are known: " + e.getKnownPropertyIds() + ".")
                    .asException();
        } catch (JsonMappingException e) {
            throw new Problem.Malformed(member(e), "", "its value is not of the type that is read here.").asException();
        } catch (JsonProcessingException e) {
            throw new Problem.Malformed("body", "", "this is no JSON.").asException();
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
