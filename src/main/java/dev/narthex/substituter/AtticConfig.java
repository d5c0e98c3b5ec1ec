package dev.narthex.substituter;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.catalog.CacheSettings;
import dev.narthex.nix.SecretKey;
import dev.narthex.problem.Problem;
import dev.narthex.tenant.StoreDir;
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
    AtticConfig complete() {
        AtticUpload.required("keypair", keypair);
        AtticUpload.required("is_public", open);
        AtticUpload.required("store_dir", storeDir);
        AtticUpload.required("priority", priority);
        AtticUpload.required("upstream_cache_key_names", upstreamKeyNames);
        return this;
    }

    /** Returns this object if it changes anything, else throws. */
    AtticConfig changing() {
        if (keypair.isEmpty()
                && open.isEmpty()
                && storeDir.isEmpty()
                && priority.isEmpty()
                && upstreamKeyNames.isEmpty()
                && retention.isEmpty()) {
            throw new Problem.Mismatch("configuration", "No modifiable fields were set.").asException();
        }
        return this;
    }

    boolean generates() {
        return keypair.filter(JsonNode::isTextual).map(this::generate).isPresent();
    }

    private JsonNode generate(JsonNode word) {
        if (!word.asText().equals(GENERATE)) {
            throw malformedKey();
        }
        return word;
    }

    /** Returns the key that the client sent. Empty if the request has none or asks the server to generate one. */
    Optional<SecretKey> secretKey() {
        if (keypair.isEmpty() || generates()) {
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
        return new Problem.Malformed("keypair", "", "send \"Generate\" or {\"Keypair\": \"name:base64\"}.")
                .asException();
    }

    CacheSettings of(CacheSettings before) {
        StoreDir.require("store_dir", storeDir);
        if (upstreamKeyNames.filter(names -> names.contains(null)).isPresent()) {
            throw new Problem.Malformed("upstream_cache_key_names", "null", "expected texts.").asException();
        }
        return new CacheSettings(
                before.summary(),
                open.orElse(before.open()),
                priority.orElse(before.priority()),
                before.automatic(),
                upstreamKeyNames.orElse(before.upstreamKeyNames()),
                retention.isPresent()
                        ? before.retention().withPeriod(retention.flatMap(AtticConfig::seconds))
                        : before.retention(),
                before.quotaBytes(),
                before.uploadBytesPerMinute());
    }

    private static Optional<Long> seconds(JsonNode retention) {
        if (retention.isTextual() && retention.asText().equals(GLOBAL)) {
            return Optional.empty();
        }
        var period = retention.path("Period");
        if (!period.canConvertToLong() || !period.isIntegralNumber()) {
            throw new Problem.Malformed(
                            "retention_period", retention.toString(), "send \"Global\" or {\"Period\": seconds}.")
                    .asException();
        }
        return Optional.of(period.asLong());
    }
}
