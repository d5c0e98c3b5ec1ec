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
 * What one output of a derivation turned out to be, in either of nix's forms: {@code {id, outPath, dependentRealisations,
 * signatures: ["name:base64"]}} up to 2.34, then {@code {outPath, signatures: [{keyName, sig}]}}. What newer versions add is
 * kept as it came.
 */
record Realisation(ObjectNode json) {
    private static final ObjectMapper MAPPER = UntrustedJson.mapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final String ID = "id";
    private static final String OUT_PATH = "outPath";
    private static final String DEPENDENTS = "dependentRealisations";
    private static final String SIGNATURES = "signatures";

    /** Reads one that was sent for this output. */
    static Realisation parse(DerivationOutput of, byte[] body) {
        var text = new String(body, StandardCharsets.UTF_8);
        var read = new Realisation(read(text));
        var id = read.json.path(ID);
        if (of.byHash() && !id.asText().equals(of.toString())) {
            throw new Problem.Mismatch(ID, "It was sent as " + of + ", but is of “" + id.asText() + "”.").asException();
        }
        read.outPath();
        read.member(DEPENDENTS, JsonNode::isObject).properties().forEach(dependent -> {
            DerivationOutput.parseId(dependent.getKey());
            StorePath.parseBase(dependent.getValue().asText());
        });
        read.member(SIGNATURES, JsonNode::isArray).forEach(Realisation::checkSignature);
        return read;
    }

    /** A member that may be absent, but is of this kind if it is there. */
    private JsonNode member(String name, Predicate<JsonNode> kind) {
        var value = json.path(name);
        if (!value.isMissingNode() && !kind.test(value)) {
            throw new Problem.Malformed(name, value.toString(), "it is not of the form that nix sends.").asException();
        }
        return value;
    }

    /** Reads one that was kept. */
    static Realisation kept(String text) {
        return new Realisation(read(text));
    }

    private static ObjectNode read(String text) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            // told below, without what the parser says of its classes
        }
        throw new Problem.Malformed("realisation", text, "expected the JSON object that nix sends.").asException();
    }

    private static void checkSignature(JsonNode signature) {
        var text = signature.isObject()
                ? signature.path("keyName").asText() + ":"
                        + signature.path("sig").asText()
                : signature.asText();
        Signature.parse(text);
    }

    /** Base name of what the output is. */
    StorePath outPath() {
        try {
            return StorePath.parseBase(json.path(OUT_PATH).asText());
        } catch (ProblemException e) {
            throw new Problem.Malformed(
                            OUT_PATH, json.path(OUT_PATH).asText(), "expected the base name of a store path.")
                    .asException();
        }
    }

    /**
     * This one and a later one of the same path. Signatures count for what stands beside them, so they are joined only if
     * all else is equal; else the later one stands, unless it is of an older nix, which left out what an output depends on.
     */
    Realisation and(Realisation later) {
        if (claim().equals(later.claim())) {
            var signatures = new LinkedHashSet<JsonNode>();
            json.path(SIGNATURES).forEach(signatures::add);
            later.json.path(SIGNATURES).forEach(signatures::add);
            var joined = json.deepCopy();
            joined.set(SIGNATURES, new ArrayNode(MAPPER.getNodeFactory()).addAll(signatures));
            return new Realisation(joined);
        }
        return later.json.path(DEPENDENTS).isEmpty() && !json.path(DEPENDENTS).isEmpty() ? this : later;
    }

    private JsonNode claim() {
        return json.deepCopy().without(SIGNATURES);
    }
}
