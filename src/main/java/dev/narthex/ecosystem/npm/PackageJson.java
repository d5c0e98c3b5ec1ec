package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Facts;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.spi.UntrustedText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A package.json (npm/cli docs/lib/content/configuring-npm/package-json.md), read leniently: every member may be missing or of
 * another type.
 *
 * @param text as given; numbers keep their digits and members their order, so writing {@code json} loses nothing
 */
record PackageJson(ObjectNode json, String text) {
    private static final JsonMapper MAPPER = UntrustedJson.mapper()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final int BYTES = 1 << 20;
    private static final Map<String, String> DEPENDENCIES = new LinkedHashMap<>();

    static {
        DEPENDENCIES.put("dependencies", IdealTree.RUNTIME);
        DEPENDENCIES.put("devDependencies", "dev");
        DEPENDENCIES.put("peerDependencies", IdealTree.PEER);
        DEPENDENCIES.put("optionalDependencies", IdealTree.OPTIONAL);
    }

    static Optional<PackageJson> parse(String text) {
        try {
            return MAPPER.readTree(text) instanceof ObjectNode object
                    ? Optional.of(new PackageJson(object, text))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** Parses the bytes of a file; empty if it is not a JSON object in UTF-8 of at most 1 MiB. */
    static Optional<PackageJson> read(byte[] bytes) {
        return bytes.length > BYTES ? Optional.empty() : utf8(bytes).flatMap(PackageJson::parse);
    }

    private static Optional<String> utf8(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Returns the manifest without members that begin with an underscore, in which builds store their own notes. */
    PackageJson published() {
        var noted = json.propertyStream()
                .map(Map.Entry::getKey)
                .filter(name -> name.startsWith("_"))
                .toList();
        if (noted.isEmpty()) {
            return this;
        }
        var kept = json.deepCopy().remove(noted);
        return new PackageJson(kept, kept + "\n");
    }

    /** Returns the names of bundled dependencies, whose files are in the tarball. */
    Set<String> bundled() {
        var member =
                json.has("bundleDependencies") ? json.path("bundleDependencies") : json.path("bundledDependencies");
        if (member.isBoolean()) {
            return member.booleanValue() ? runtimeDependencies() : Set.of();
        }
        return member.valueStream()
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .filter(name -> NpmName.parse(name).isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Returns the names of its runtime dependencies, including optional ones. */
    Set<String> runtimeDependencies() {
        return Stream.of("dependencies", "optionalDependencies")
                .flatMap(member -> json.path(member).propertyStream())
                .map(Map.Entry::getKey)
                .filter(name -> NpmName.parse(name).isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Serializes a map as JSON. */
    static byte[] bytes(Map<String, String> members) {
        return MAPPER.valueToTree(members).toString().getBytes(StandardCharsets.UTF_8);
    }

    Optional<NpmName> name() {
        return NpmName.parse(text("name").strip());
    }

    Optional<NpmVersion> version() {
        return NpmVersion.parse(text("version"));
    }

    /** Whether its author marked it as private, never to be published. */
    boolean secret() {
        var mark = json.path("private");
        return mark.isBoolean() ? mark.booleanValue() : mark.asText("").equals("true");
    }

    String text(String member) {
        return json.path(member).isTextual() ? json.path(member).textValue() : "";
    }

    Facts facts(Optional<Facts.Readme> readme, List<String> vulnerabilities) {
        return new Facts(
                UntrustedText.line(text("description")),
                UntrustedText.line(license()),
                UntrustedText.address(text("homepage")),
                RepositoryUrl.address(json.path("repository")),
                people(),
                keywords(),
                readme,
                text,
                vulnerabilities);
    }

    /** Returns the dependencies in the order of the manifest; an alias ({@code npm:other@1}) counts as its target package. */
    List<Dependency> dependencies() {
        var dependencies = new ArrayList<Dependency>();
        DEPENDENCIES.forEach((member, kind) -> {
            for (var entry : json.path(member).properties()) {
                var range = entry.getValue().asText("");
                NpmName.parse(entry.getKey())
                        .ifPresent(name -> dependencies.add(new Dependency(
                                entry.getKey(), target(name.toString(), range), UntrustedText.line(range), kind)));
            }
        });
        return dependencies.subList(0, Math.min(dependencies.size(), UntrustedText.DEPENDENCIES));
    }

    /** Returns the names of the commands that it installs. */
    List<String> commands() {
        var bin = json.path("bin");
        if (bin.isTextual()) {
            return name().map(NpmName::base).stream().toList();
        }
        return bin.propertyStream()
                .map(Map.Entry::getKey)
                .map(UntrustedText::line)
                .toList();
    }

    /** Returns the commands as file paths. */
    List<String> commandPaths() {
        return commands().stream().map(command -> "bin/" + command).toList();
    }

    private static String target(String name, String range) {
        if (!range.startsWith("npm:")) {
            return name;
        }
        var spec = range.substring("npm:".length());
        int at = spec.indexOf('@', 1);
        return NpmName.parse(at < 0 ? spec : spec.substring(0, at))
                .map(NpmName::toString)
                .orElse(name);
    }

    private String license() {
        var member = json.path("license").isMissingNode() ? json.path("licenses") : json.path("license");
        return switch (member.getNodeType()) {
            case STRING -> member.textValue();
            case OBJECT -> member.path("type").asText("");
            case ARRAY -> String.join(" OR ", texts(member, "type"));
            default -> "";
        };
    }

    private List<String> people() {
        var names = new LinkedHashSet<String>();
        for (var member : List.of("author", "maintainers", "contributors")) {
            var value = json.path(member);
            var list = value.isArray()
                    ? texts(value, "name")
                    : texts(MAPPER.createArrayNode().add(value), "name");
            // "Ada Ferry <ada@example.org> (https://example.org)": pages show only the name.
            list.stream()
                    .map(text -> UntrustedText.line(text).replaceAll(" ?[<(].*", ""))
                    .filter(name -> !name.isEmpty() && !name.contains("@"))
                    .forEach(names::add);
        }
        return names.stream().limit(100).toList();
    }

    private List<String> keywords() {
        var member = json.path("keywords");
        var words = member.isTextual() ? List.of(member.textValue().split("[,\\s]+")) : texts(member, "name");
        return words.stream()
                .map(UntrustedText::line)
                .filter(word -> !word.isEmpty())
                .distinct()
                .limit(100)
                .toList();
    }

    private static List<String> texts(JsonNode array, String member) {
        var texts = new ArrayList<String>();
        for (var item : array) {
            var text = item.isTextual() ? item.textValue() : item.path(member).asText("");
            if (!text.isBlank()) {
                texts.add(text);
            }
        }
        return texts;
    }
}
