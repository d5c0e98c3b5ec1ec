package dev.narthex.plugin.cargo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import dev.narthex.spi.Facts;
import dev.narthex.spi.UntrustedText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Cargo.toml as {@code cargo package} rewrites it (the Cargo Book, "The Manifest Format"), with all inherited values filled in.
 */
record Manifest(String text, CrateName name, String version, JsonNode toml) {
    private static final TomlMapper TOML = new TomlMapper();
    private static final String TARGET = "target";

    /** Table name, its spelling before 2018, and the kind in the index. */
    private static final List<List<String>> KINDS = List.of(
            List.of("dependencies", "dependencies", "normal"),
            List.of("dev-dependencies", "dev_dependencies", "dev"),
            List.of("build-dependencies", "build_dependencies", "build"));

    /** @return empty if it is not a manifest, or has no valid name and version */
    static Optional<Manifest> parse(String text) {
        try {
            var toml = TOML.readTree(text);
            var version = toml.path("package").path("version").asText();
            return CrateName.parse(toml.path("package").path("name").asText())
                    .filter(name -> CrateVersion.parse(version).isPresent())
                    .map(name -> new Manifest(text, name, version, toml));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    String filename() {
        return name.text() + "-" + version + ".crate";
    }

    /** Name of the top directory, which contains all files of the crate. */
    String folder() {
        return name.text() + "-" + version;
    }

    String field(String key) {
        return UntrustedText.line(toml.path("package").path(key).asText(""));
    }

    Facts facts(Optional<Facts.Readme> readme) {
        var licence = field("license");
        var people = texts(toml.path("package").path("authors")).stream()
                .map(author -> UntrustedText.line(author.replaceFirst("<[^>]*>?\\s*$", "")))
                .filter(author -> !author.isEmpty())
                .toList();
        return new Facts(
                field("description"),
                licence.isEmpty() ? field("license-file") : licence,
                UntrustedText.address(field("homepage")),
                UntrustedText.address(field("repository")),
                people,
                texts(toml.path("package").path("keywords")).stream()
                        .map(UntrustedText::line)
                        .toList(),
                readme,
                UntrustedText.clean(text),
                List.of());
    }

    /** Dependencies for all targets come first. */
    List<CrateDependency> dependencies() {
        var dependencies = new ArrayList<CrateDependency>();
        KINDS.forEach(kind -> tables(toml, kind).forEach(table -> add(dependencies, table, "", kind)));
        toml.path(TARGET)
                .properties()
                .forEach(target -> KINDS.forEach(kind -> tables(target.getValue(), kind)
                        .forEach(table -> add(dependencies, table, target.getKey(), kind))));
        return dependencies.size() > UntrustedText.DEPENDENCIES
                ? dependencies.subList(0, UntrustedText.DEPENDENCIES)
                : dependencies;
    }

    /** Returns features by name, including "default". */
    Map<String, List<String>> features() {
        var features = new LinkedHashMap<String, List<String>>();
        toml.path("features").properties().forEach(f -> features.put(f.getKey(), texts(f.getValue())));
        return features;
    }

    /** Returns the texts of an array; empty if the value is not an array. */
    static List<String> texts(JsonNode array) {
        return array.isArray()
                ? array.valueStream()
                        .filter(JsonNode::isTextual)
                        .map(JsonNode::asText)
                        .toList()
                : List.of();
    }

    private static Stream<JsonNode> tables(JsonNode parent, List<String> kind) {
        return Stream.of(kind.get(0), kind.get(1)).distinct().map(parent::path);
    }

    private static void add(List<CrateDependency> dependencies, JsonNode table, String target, List<String> kind) {
        table.properties().stream()
                .map(d -> CrateDependency.of(d.getKey(), d.getValue(), target, kind.get(2)))
                .forEach(dependencies::add);
    }
}
