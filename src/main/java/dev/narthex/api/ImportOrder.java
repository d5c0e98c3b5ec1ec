package dev.narthex.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.vault.imports.SourceUrl;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Request body: what to import.
 *
 * @param source URL of a binary cache
 * @param paths store paths, base names or hash parts; each is imported with its closure
 * @param all whether to import everything that the source lists
 * @param trustedKeys as in {@code trusted-public-keys}: only paths signed by one of them are imported; empty accepts all
 * @param ticket see {@link OperatorTickets}
 */
record ImportOrder(
        @JsonProperty("source") Optional<String> source,
        @JsonProperty("paths") Optional<List<String>> paths,
        @JsonProperty("all") Optional<Boolean> all,
        @JsonProperty("trustedKeys") Optional<List<String>> trustedKeys,
        @JsonProperty("ticket") Optional<String> ticket) {
    private static final int MAX_BYTES = 32 << 20;
    private static final int MAX_KEYS = 100;
    private static final int HASH_LENGTH = 32;

    static ImportOrder read(ObjectMapper json, InputStream body) throws IOException {
        var bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw Problem.tooLarge(
                    "paths", "An order may have 32 MiB. Send several with the same source: they add up.");
        }
        try {
            var order = json.readValue(bytes, ImportOrder.class);
            if (order != null) {
                return order;
            }
        } catch (JsonProcessingException e) {
            // Reported below, without the parser's message, which contains class names.
        }
        throw Problem.malformed(
                "order", "", "expected {\"source\": URL, \"paths\": [store path, …] or \"all\": true}.");
    }

    SourceUrl sourceUrl() {
        return SourceUrl.parse(source.orElse(""));
    }

    boolean isWholeCache() {
        return all.orElse(false);
    }

    /** Returns the hash parts of the named paths. */
    List<String> roots() {
        var roots = texts(paths).stream().map(ImportOrder::hashPart).toList();
        if (roots.isEmpty() && !isWholeCache()) {
            throw Problem.malformed("paths", "", "list store paths, or request all if the source lists its paths.");
        }
        return roots;
    }

    private static String hashPart(String text) {
        if (StorePath.isHash(text)) {
            return text;
        }
        return text.startsWith("/") || text.length() <= HASH_LENGTH
                ? StorePath.parse(text).hash()
                : StorePath.parseBaseName(text).hash();
    }

    /** Returns the trusted keys, validated, in the order of the request. */
    List<String> keys() {
        var keys = texts(trustedKeys);
        if (keys.size() > MAX_KEYS) {
            throw Problem.tooLarge("trustedKeys", "An import may trust " + MAX_KEYS + " keys.");
        }
        return keys.stream().map(ImportOrder::key).toList();
    }

    private static String key(String text) {
        try {
            return PublicKey.parse(text).toString();
        } catch (ProblemException e) {
            throw Problem.malformed("trustedKeys", text, "expected name:base64, as in trusted-public-keys.");
        }
    }

    private static List<String> texts(Optional<List<String>> given) {
        return given.orElse(List.of()).stream()
                .filter(Objects::nonNull)
                .map(String::strip)
                .toList();
    }
}
