package dev.narthex.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.UntrustedJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.function.Predicate;

/**
 * A realisation: the store path of one output of a derivation. Supports both formats of nix: {@code {id, outPath,
 * dependentRealisations, signatures: ["name:base64"]}} up to 2.34, and {@code {outPath, signatures: [{keyName, sig}]}} since.
 * Unknown members of newer versions are preserved.
 */
record RealisationJson(ObjectNode json) {
    private static final ObjectMapper MAPPER = UntrustedJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final String ID = "id";
    private static final String OUT_PATH = "outPath";
    private static final String DEPENDENTS = "dependentRealisations";
    private static final String SIGNATURES = "signatures";

    /** Parses and validates a realisation that was sent for this output. */
    static RealisationJson parse(DerivationOutput output, byte[] body) {
        var text = new String(body, StandardCharsets.UTF_8);
        var realisation = new RealisationJson(readJson(text));
        var id = realisation.json.path(ID);
        if (output.isByHash() && !id.asText().equals(output.toString())) {
            throw Problem.mismatch(ID, "It was sent as " + output + ", but is of “" + id.asText() + "”.");
        }
        realisation.outPath();
        realisation.member(DEPENDENTS, JsonNode::isObject).properties().forEach(dependent -> {
            DerivationOutput.parseId(dependent.getKey());
            StorePath.parseBaseName(dependent.getValue().asText());
        });
        realisation.member(SIGNATURES, JsonNode::isArray).forEach(RealisationJson::checkSignature);
        return realisation;
    }

    /** Returns an optional member and checks its type if it is present. */
    private JsonNode member(String name, Predicate<JsonNode> typeCheck) {
        var value = json.path(name);
        if (!value.isMissingNode() && !typeCheck.test(value)) {
            throw Problem.malformed(name, value.toString(), "it is not of the form that nix sends.");
        }
        return value;
    }

    /** Parses a stored realisation. */
    static RealisationJson parseStored(String text) {
        return new RealisationJson(readJson(text));
    }

    private static ObjectNode readJson(String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // Reported below, without the parser's message, which contains class names.
        }
        throw Problem.malformed("realisation", text, "expected the JSON object that nix sends.");
    }

    private static void checkSignature(JsonNode signature) {
        var text = signature.isObject()
                ? signature.path("keyName").asText() + ":"
                        + signature.path("sig").asText()
                : signature.asText();
        Signature.parse(text);
    }

    /** Returns the store path of the output. */
    StorePath outPath() {
        try {
            return StorePath.parseBaseName(json.path(OUT_PATH).asText());
        } catch (ProblemException e) {
            throw Problem.malformed(OUT_PATH, json.path(OUT_PATH).asText(), "expected the base name of a store path.");
        }
    }

    /**
     * Merges this realisation with a later one of the same path. A signature covers the other members, so signatures are merged
     * only if all other members are equal. Otherwise the later one wins, unless it comes from an older nix, which omitted the
     * dependencies of the output.
     */
    RealisationJson mergeWith(RealisationJson later) {
        if (withoutSignatures().equals(later.withoutSignatures())) {
            var signatures = new LinkedHashSet<JsonNode>();
            json.path(SIGNATURES).forEach(signatures::add);
            later.json.path(SIGNATURES).forEach(signatures::add);
            var merged = json.deepCopy();
            merged.set(SIGNATURES, new ArrayNode(MAPPER.getNodeFactory()).addAll(signatures));
            return new RealisationJson(merged);
        }
        return later.json.path(DEPENDENTS).isEmpty() && !json.path(DEPENDENTS).isEmpty() ? this : later;
    }

    private JsonNode withoutSignatures() {
        return json.deepCopy().without(SIGNATURES);
    }
}
