package dev.narthex.catalog;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.narthex.db.Database;
import dev.narthex.spi.UntrustedJson;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON in jsonb columns. Reading tolerates rows of older versions: an absent member is empty. Writing omits
 * characters that jsonb rejects: U+0000, even escaped, and unpaired surrogates.
 */
public final class JsonColumns {
    private static final ObjectMapper MAPPER = UntrustedJson.mapper()
            .addModule(new Jdk8Module())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    static {
        MAPPER.configOverride(String.class).setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
        MAPPER.configOverride(List.class).setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
        MAPPER.configOverride(Map.class).setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
    }

    private JsonColumns() {}

    public static String write(Object value) {
        try {
            return Database.toPostgresText(withoutNul(MAPPER.writeValueAsString(value)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param json from {@link #write}, maybe of an earlier version */
    public static <T> T read(String json, Class<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    public static <T> T read(String json, TypeReference<T> type) {
        try {
            return MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws JsonProcessingException if untrusted text is not valid JSON */
    public static JsonNode tree(String json) throws JsonProcessingException {
        return MAPPER.readTree(json);
    }

    /** Removes escapes of U+0000. An escaped backslash before {@code u0000} does not start one. */
    private static String withoutNul(String json) {
        int at = json.indexOf("\\u0000");
        if (at < 0) {
            return json;
        }
        var kept = new StringBuilder(json.length());
        int i = 0;
        while (i < json.length()) {
            boolean escape = json.charAt(i) == '\\';
            if (escape && json.startsWith("u0000", i + 1)) {
                i += 6;
            } else {
                int end = escape ? i + 2 : i + 1;
                kept.append(json, i, end);
                i = end;
            }
        }
        return kept.toString();
    }
}
