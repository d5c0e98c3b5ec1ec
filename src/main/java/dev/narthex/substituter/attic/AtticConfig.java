package dev.narthex.substituter.attic;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.admin.StoreDir;
import dev.narthex.catalog.cache.CacheSettings;
import dev.narthex.nix.SecretKey;
import dev.narthex.problem.Problem;
import java.util.List;
import java.util.Optional;

/**
 * Request body: configuration of a cache by an attic client (zhaofengli/attic, attic/src/api/v1/cache_config.rs). Absent and null
 * members stay unchanged. Public key and endpoints, which clients may send back, are ignored.
 *
 * @param keypair {@code "Generate"} or {@code {"Keypair": "name:base64"}}
 * @param retention {@code "Global"} or {@code {"Period": seconds}}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record AtticConfig(
        @JsonProperty("keypair") Optional<JsonNode> keypair,
        @JsonProperty("is_public") Optional<Boolean> open,
        @JsonProperty("store_dir") Optional<String> storeDir,
        @JsonProperty("priority") Optional<Integer> priority,
        @JsonProperty("upstream_cache_key_names") Optional<List<String>> upstreamKeyNames,
        @JsonProperty("retention_period") Optional<JsonNode> retention) {
    private static final String GENERATE = "Generate";
    private static final String GLOBAL = "Global";

    AtticConfig {
        keypair = keypair.filter(node -> !node.isNull());
        retention = retention.filter(node -> !node.isNull());
    }

    /** Returns this object if it has everything that a new cache needs, else throws. */
    AtticConfig requireComplete() {
        AtticUpload.require("keypair", keypair);
        AtticUpload.require("is_public", open);
        AtticUpload.require("store_dir", storeDir);
        AtticUpload.require("priority", priority);
        AtticUpload.require("upstream_cache_key_names", upstreamKeyNames);
        return this;
    }

    /** Returns this object if it changes anything, else throws. */
    AtticConfig requireChanges() {
        if (keypair.isEmpty()
                && open.isEmpty()
                && storeDir.isEmpty()
                && priority.isEmpty()
                && upstreamKeyNames.isEmpty()
                && retention.isEmpty()) {
            throw Problem.mismatch("configuration", "No modifiable fields were set.");
        }
        return this;
    }

    boolean requestsNewKey() {
        return keypair.filter(JsonNode::isTextual).map(this::requireGenerate).isPresent();
    }

    private JsonNode requireGenerate(JsonNode value) {
        if (!value.asText().equals(GENERATE)) {
            throw malformedKey();
        }
        return value;
    }

    /** Returns the key that the client sent. Empty if the request has none or asks the server to generate one. */
    Optional<SecretKey> secretKey() {
        if (keypair.isEmpty() || requestsNewKey()) {
            return Optional.empty();
        }
        var text = keypair.get().path("Keypair");
        if (!text.isTextual()) {
            throw malformedKey();
        }
        return Optional.of(SecretKey.parse(text.asText()));
    }

    /** Omits the value, which may be a secret. */
    private static RuntimeException malformedKey() {
        return Problem.malformed("keypair", "", "send \"Generate\" or {\"Keypair\": \"name:base64\"}.");
    }

    CacheSettings applyTo(CacheSettings current) {
        StoreDir.require("store_dir", storeDir);
        if (upstreamKeyNames.filter(names -> names.contains(null)).isPresent()) {
            throw Problem.malformed("upstream_cache_key_names", "null", "expected texts.");
        }
        return new CacheSettings(
                current.summary(),
                open.orElse(current.open()),
                priority.orElse(current.priority()),
                current.automatic(),
                upstreamKeyNames.orElse(current.upstreamKeyNames()),
                retention.isPresent()
                        ? current.retention().withPeriod(retention.flatMap(AtticConfig::parsePeriod))
                        : current.retention(),
                current.quotaBytes(),
                current.uploadBytesPerMinute());
    }

    private static Optional<Long> parsePeriod(JsonNode retention) {
        if (retention.isTextual() && retention.asText().equals(GLOBAL)) {
            return Optional.empty();
        }
        var period = retention.path("Period");
        if (!period.canConvertToLong() || !period.isIntegralNumber()) {
            throw Problem.malformed(
                    "retention_period", retention.toString(), "send \"Global\" or {\"Period\": seconds}.");
        }
        return Optional.of(period.asLong());
    }
}
