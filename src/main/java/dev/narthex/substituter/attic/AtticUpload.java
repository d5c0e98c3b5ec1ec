package dev.narthex.substituter.attic;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.http.RequestBodies;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.substituter.ProtocolPatterns;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Metadata of a NAR uploaded by an attic client: in a header, or, if it is long, as a preamble of the body (zhaofengli/attic,
 * attic/src/api/v1/upload_path.rs).
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record AtticUpload(
        @JsonProperty("cache") Optional<String> cache,
        @JsonProperty("store_path_hash") Optional<String> hash,
        @JsonProperty("store_path") Optional<String> path,
        @JsonProperty("references") Optional<List<String>> references,
        @JsonProperty("deriver") Optional<String> deriver,
        @JsonProperty("sigs") Optional<List<String>> sigs,
        @JsonProperty("ca") Optional<String> ca,
        @JsonProperty("nar_hash") Optional<String> narHash,
        @JsonProperty("nar_size") Optional<Long> narSize) {
    private static final String HEADER = "X-Attic-Nar-Info";
    private static final String SIZE_HEADER = "X-Attic-Nar-Info-Preamble-Size";
    private static final int MAX_PREAMBLE_BYTES = 1 << 20;
    private static final Pattern HASH = Pattern.compile(ProtocolPatterns.HASH);

    /** Reads the metadata from the header or the preamble. Afterwards the body is positioned at the NAR. */
    static AtticUpload readMetadata(ObjectMapper json, HttpHeaders headers, InputStream body) throws IOException {
        RequestBodies.requireUnencoded(headers, Long.MAX_VALUE, "upload");
        var size = Optional.ofNullable(headers.getHeaderString(SIZE_HEADER));
        var text = size.isPresent() ? readPreamble(body, size.get()) : readHeader(headers);
        return parse(json, text, AtticUpload.class);
    }

    private static byte[] readPreamble(InputStream body, String size) throws IOException {
        int length = size.matches("[0-9]{1,7}") ? Integer.parseInt(size) : -1;
        if (length < 0 || length > MAX_PREAMBLE_BYTES) {
            throw Problem.malformed(
                    SIZE_HEADER, size, "expected a number of bytes, " + MAX_PREAMBLE_BYTES + " at most.");
        }
        var text = body.readNBytes(length);
        if (text.length < length) {
            throw Problem.mismatch(SIZE_HEADER, "The body ends before the " + length + " bytes of its preamble.");
        }
        return text;
    }

    private static byte[] readHeader(HttpHeaders headers) {
        var text = headers.getHeaderString(HEADER);
        if (text == null) {
            throw Problem.malformed(HEADER, "", "describe the upload here or before the NAR in the body.");
        }
        // HTTP headers are decoded as ISO 8859-1; this restores the original bytes.
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static <T> T parse(ObjectMapper json, byte[] text, Class<T> type) throws IOException {
        try {
            var parsed = json.readValue(text, type);
            if (parsed != null) {
                return parsed;
            }
        } catch (JsonProcessingException e) {
            // Reported below, without the parser's message, which contains class names.
        }
        throw Problem.malformed(
                "JSON", new String(text, StandardCharsets.UTF_8), "it is not of the form that attic sends.");
    }

    static <T> T require(String member, Optional<T> value) {
        return value.orElseThrow(() -> Problem.malformed(member, "", "it is missing in the JSON."));
    }

    private static List<String> requireTexts(String member, Optional<List<String>> values) {
        var texts = values.orElse(List.of());
        // Not contains(null), which immutable lists reject.
        if (texts.stream().anyMatch(Objects::isNull)) {
            throw Problem.malformed(member, "null", "expected texts.");
        }
        return texts;
    }

    static void requireHash(String hash) {
        if (hash == null || !HASH.matcher(hash).matches()) {
            throw Problem.malformed("store path hash", String.valueOf(hash), "expected 32 digits of Nix base-32.");
        }
    }

    String cacheName() {
        return require("cache", cache);
    }

    /** Returns the equivalent narinfo. The file name is the NAR hash, so repeated uploads of a NAR share it. */
    NarInfo toNarInfo() {
        var storePath = StorePath.parse(require("store_path", path));
        if (!storePath.hash().equals(require("store_path_hash", hash))) {
            throw Problem.mismatch("store_path_hash", "It is " + hash.get() + ", but the path is " + storePath + ".");
        }
        var nar = NixHash.parse(require("nar_hash", narHash));
        return new NarInfo(
                storePath,
                "nar/" + nar.nix32() + ".nar",
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                nar,
                require("nar_size", narSize),
                requireTexts("references", references),
                deriver,
                requireTexts("sigs", sigs).stream().map(Signature::parse).toList(),
                ca.map(ContentAddress::parse));
    }
}
