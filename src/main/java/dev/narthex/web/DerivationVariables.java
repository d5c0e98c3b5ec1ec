package dev.narthex.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.nix.ByteText;
import dev.narthex.nix.Derivation;
import java.util.Map;
import java.util.TreeMap;

/** The attributes of a derivation: the environment of the builder, or the structured attributes one by one. */
final class DerivationVariables {
    /** As in NixOS/nix src/libstore/include/nix/store/parsed-derivations.hh. */
    private static final String STRUCTURED = "__json";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private DerivationVariables() {}

    /**
     * By name, without those that only repeat the outputs; a structured attribute that is no string is JSON text. What cannot be read
     * stays as it is.
     */
    static Map<String, String> of(Derivation derivation) {
        var variables = new TreeMap<String, String>(ByteText.ORDER);
        variables.putAll(derivation.env());
        derivation.structured().ifPresent(text -> {
            if (read(text) instanceof JsonNode attributes && attributes.isObject()) {
                variables.remove(STRUCTURED);
                attributes
                        .propertyStream()
                        .forEach(each -> variables.putIfAbsent(each.getKey(), text(each.getValue())));
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
