package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.PlainText;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Facts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A package.json (npm/cli docs/lib/content/configuring-npm/package-json.md), read leniently: every member may be missing or
 * of another type.
 *
 * @param text as given; numbers keep their digits and members their order, so writing {@code json} loses nothing
 */
record PackageJson(ObjectNode json, String text) {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    private static final Map<String, String> DEPENDENCIES = new LinkedHashMap<>();

    static {
        DEPENDENCIES.put("dependencies", "runtime");
        DEPENDENCIES.put("devDependencies", "dev");
        DEPENDENCIES.put("peerDependencies", "peer");
        DEPENDENCIES.put("optionalDependencies", "optional");
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

    /** JSON of a map. */
    static byte[] bytes(Map<String, String> members) {
        return MAPPER.valueToTree(members).toString().getBytes(StandardCharsets.UTF_8);
    }

    Optional<NpmName> name() {
        return NpmName.parse(text("name").strip());
    }

    Optional<NpmVersion> version() {
        return NpmVersion.parse(text("version"));
    }

    /** Marked by its author never to be published. */
    boolean secret() {
        var mark = json.path("private");
        return mark.isBoolean() ? mark.booleanValue() : mark.asText("").equals("true");
    }

    String text(String member) {
        return json.path(member).isTextual() ? json.path(member).textValue() : "";
    }

    Facts facts(Optional<Facts.Readme> readme, List<String> vulnerabilities) {
        return new Facts(
                PlainText.line(text("description")),
                PlainText.line(licence()),
                PlainText.address(text("homepage")),
                Repository.address(json.path("repository")),
                people(),
                keywords(),
                readme,
                text,
                vulnerabilities);
    }

    /** In the manifest's order; an alias ({@code npm:other@1}) counts for the package that it stands for. */
    List<Dependency> dependencies() {
        var all = new ArrayList<Dependency>();
        DEPENDENCIES.forEach((member, kind) -> {
            for (var one : json.path(member).properties()) {
                var range = one.getValue().asText("");
                NpmName.parse(one.getKey())
                        .ifPresent(name -> all.add(new Dependency(
                                one.getKey(), target(name.toString(), range), PlainText.line(range), kind)));
            }
        });
        return all.subList(0, Math.min(all.size(), PlainText.DEPENDENCIES));
    }

    /** Whether installing it runs something of its own. */
    List<String> installScripts() {
        var scripts = json.path("scripts");
        return Stream.of("preinstall", "install", "postinstall")
                .filter(name -> scripts.path(name).isTextual())
                .toList();
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

    private String licence() {
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
            // "Ada Ferry <ada@example.org> (https://example.org)": the rest is not for pages.
            list.stream()
                    .map(text -> PlainText.line(text).replaceAll(" ?[<(].*", ""))
                    .filter(name -> !name.isEmpty() && !name.contains("@"))
                    .forEach(names::add);
        }
        return names.stream().limit(100).toList();
    }

    private List<String> keywords() {
        var member = json.path("keywords");
        var words = member.isTextual() ? List.of(member.textValue().split("[,\\s]+")) : texts(member, "name");
        return words.stream()
                .map(PlainText::line)
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
