package dev.narthex.web.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.nix.Derivation;
import dev.narthex.nix.SurrogateEscapedText;
import java.util.Map;
import java.util.TreeMap;

/** Reads the attributes of a derivation: the builder's environment variables, or its structured attributes. */
final class DerivationVariables {
    /** The variable with structured attributes, as in NixOS/nix src/libstore/include/nix/store/parsed-derivations.hh. */
    private static final String STRUCTURED = "__json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private DerivationVariables() {}

    /**
     * Returns the attributes by name, without those that only repeat the outputs. Structured attributes other than strings are
     * formatted as JSON. If the structured attributes cannot be parsed, their variable is returned unchanged.
     */
    static Map<String, String> of(Derivation derivation) {
        var variables = new TreeMap<String, String>(SurrogateEscapedText.BYTE_ORDER);
        variables.putAll(derivation.env());
        derivation.structuredAttrs().ifPresent(text -> {
            if (read(text) instanceof JsonNode attributes && attributes.isObject()) {
                variables.remove(STRUCTURED);
                attributes
                        .propertyStream()
                        .forEach(entry -> variables.putIfAbsent(entry.getKey(), text(entry.getValue())));
            }
        });
        derivation.outputs().keySet().forEach(variables::remove);
        return variables;
    }

    private static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toPrettyString();
    }
}
