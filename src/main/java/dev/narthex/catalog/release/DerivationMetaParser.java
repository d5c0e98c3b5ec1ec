package dev.narthex.catalog.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.spi.DerivationMeta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Parses a row of {@code nix-env --json --meta} (NixOS/nix src/nix-env/nix-env.cc, queryJSON). Authors of Nix expressions may put
 * anything into meta: members that are missing, null or of the wrong type become empty.
 */
final class DerivationMetaParser {
    private static final int MAX_ENTRIES = 200;

    private DerivationMetaParser() {}

    static DerivationMeta read(String attribute, String json) {
        try {
            return read(attribute, JsonColumns.tree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DerivationMeta read(String attribute, JsonNode row) {
        var meta = row.path("meta");
        return new DerivationMeta(
                attribute,
                text(row.path("name")),
                text(row.path("pname")),
                text(row.path("version")),
                text(row.path("system")),
                text(meta.path("description")),
                text(meta.path("longDescription")),
                list(meta.path("homepage"), DerivationMetaParser::nonEmptyText),
                list(meta.path("license"), DerivationMetaParser::license),
                list(meta.path("maintainers"), DerivationMetaParser::person),
                list(meta.path("knownVulnerabilities"), DerivationMetaParser::nonEmptyText),
                text(meta.path("mainProgram")),
                changelog(meta.path("changelog")),
                meta.isObject() ? meta.toString() : "{}");
    }

    private static String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : "";
    }

    private static Optional<String> nonEmptyText(JsonNode node) {
        return Optional.of(text(node)).filter(s -> !s.isEmpty());
    }

    private static Optional<String> license(JsonNode node) {
        return firstOf(node, "spdxId", "shortName", "fullName");
    }

    private static Optional<String> person(JsonNode node) {
        return firstOf(node, "name", "github", "email");
    }

    private static Optional<String> firstOf(JsonNode node, String... members) {
        if (!node.isObject()) {
            return nonEmptyText(node);
        }
        for (var member : members) {
            var found = nonEmptyText(node.path(member));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Reads a single value or a list of values. */
    private static List<String> list(JsonNode node, Function<JsonNode, Optional<String>> item) {
        var items = new ArrayList<String>();
        for (var each : node.isArray() ? node : List.of(node)) {
            item.apply(each)
                    .filter(s -> !items.contains(s) && items.size() < MAX_ENTRIES)
                    .ifPresent(items::add);
        }
        return items;
    }

    /** Returns the first changelog: nixpkgs lists several for packages from several repositories. */
    private static String changelog(JsonNode node) {
        return text(node.isArray() ? node.path(0) : node);
    }
}
