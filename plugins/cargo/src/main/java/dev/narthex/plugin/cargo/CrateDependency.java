package dev.narthex.plugin.cargo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.UntrustedText;
import java.util.List;

/**
 * One dependency in a manifest (the Cargo Book, "Specifying Dependencies"), with the members that the index needs.
 *
 * @param name name that the sources use
 * @param crate name in its registry
 * @param target a triple or a {@code cfg(…)}; empty for all
 * @param kind "normal", "dev" or "build"
 * @param registry URL of its index; empty if it is the index of the depending crate
 */
record CrateDependency(
        String name,
        String crate,
        String requirement,
        List<String> features,
        boolean optional,
        boolean defaultFeatures,
        String target,
        String kind,
        String registry) {
    /** @param value the requirement alone, or a table */
    static CrateDependency of(String name, JsonNode value, String target, String kind) {
        var requirement =
                value.isTextual() ? value.asText() : value.path("version").asText("*");
        var defaults = value.has("default-features") ? value.path("default-features") : value.path("default_features");
        return new CrateDependency(
                name,
                value.path("package").asText(name),
                requirement.isBlank() ? "*" : requirement,
                Manifest.texts(value.path("features")),
                value.path("optional").asBoolean(false),
                defaults.asBoolean(true),
                target,
                kind,
                value.path("registry-index").asText(""));
    }

    Dependency toDependency() {
        return new Dependency(
                UntrustedText.line(crate),
                CrateName.normalize(UntrustedText.line(crate)),
                UntrustedText.line(requirement),
                kind);
    }

    /** @param home URL of the index that contains this dependency */
    ObjectNode json(String home) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("name", name);
        json.put("req", requirement);
        features.forEach(json.putArray("features")::add);
        json.put("optional", optional);
        json.put("default_features", defaultFeatures);
        json.put("target", target.isEmpty() ? null : target);
        json.put("kind", kind);
        json.put("registry", registry.isEmpty() || registry.equals(home) ? null : registry);
        json.put("package", crate.equals(name) ? null : crate);
        return json;
    }
}
