package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Normalizes a package.json as {@code npm publish} does (npm/package-json lib/index.js, {@code prepareSteps},
 * lib/normalize-data.js). Clients do not check the types of members in a registry's manifest, and some fail on unexpected ones.
 * Members of other types are dropped, and so are those in which builds and clients store their own notes.
 */
final class NormalizedManifest {
    private static final Set<String> KEPT_NOTES = Set.of("_nodeVersion", "_npmVersion");
    private static final List<String> TEXTS_BY_NAME =
            List.of("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "scripts");
    private static final List<String> OBJECTS = List.of("peerDependenciesMeta", "directories");
    private static final List<String> TEXTS = List.of("description", "homepage", "deprecated");
    private static final List<String> FOR_THE_PACKAGE = List.of("readme", "readmeFilename", "dist", "_hasShrinkwrap");

    private static final Pattern NAME = Pattern.compile("^([^(<]+)");
    private static final Pattern EMAIL = Pattern.compile("<([^<>]+)>");
    private static final Pattern URL = Pattern.compile("\\(([^()]+)\\)");
    private static final Pattern HOSTED =
            Pattern.compile("https?://(?:github\\.com|gitlab\\.com|bitbucket\\.org)/[^?#]+");
    private static final int MAX_PERSON_LENGTH = 1000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final ObjectNode json;

    private NormalizedManifest(ObjectNode json) {
        this.json = json;
    }

    /** @param manifest is not modified */
    static ObjectNode of(PackageJson manifest, UnpackedStats unpacked) {
        var form = new NormalizedManifest(manifest.json().deepCopy());
        form.dropNotes();
        TEXTS_BY_NAME.forEach(form::textsByName);
        OBJECTS.forEach(member -> form.keepIf(member, JsonNode::isObject));
        TEXTS.forEach(member -> form.keepIf(
                member, node -> node.isTextual() && !node.textValue().isEmpty()));
        form.bundled(manifest);
        form.bin(manifest);
        form.keywords();
        form.people();
        form.repository();
        form.gyp(unpacked);
        return form.json;
    }

    private void dropNotes() {
        json.remove(FOR_THE_PACKAGE);
        json.remove(json.propertyStream()
                .map(member -> member.getKey())
                .filter(name -> name.startsWith("_") && !KEPT_NOTES.contains(name))
                .toList());
    }

    private void keepIf(String member, Predicate<JsonNode> filter) {
        if (json.has(member) && !filter.test(json.get(member))) {
            json.remove(member);
        }
    }

    private void textsByName(String member) {
        keepIf(member, JsonNode::isObject);
        if (json.get(member) instanceof ObjectNode object) {
            dropOthers(object);
        }
    }

    private static void dropOthers(ObjectNode object) {
        object.remove(object.propertyStream()
                .filter(member -> !member.getValue().isTextual())
                .map(member -> member.getKey())
                .toList());
    }

    /** {@code true} means all dependencies; {@code bundledDependencies} is an older spelling. */
    private void bundled(PackageJson manifest) {
        if (json.remove("bundledDependencies") != null || json.has("bundleDependencies")) {
            json.set("bundleDependencies", texts(manifest.bundled().stream()));
            if (json.get("bundleDependencies").isEmpty()) {
                json.remove("bundleDependencies");
            }
        }
    }

    /** A text is a single command with the package's name. Paths outside of the package or the command directory are removed. */
    private void bin(PackageJson manifest) {
        var commands = NODES.objectNode();
        var bin = json.path("bin");
        if (bin.isTextual()) {
            manifest.name().ifPresent(name -> commands.set(name.base(), bin));
        } else if (bin.isArray()) {
            bin.forEach(file -> commands.set(file.asText(), file));
        } else {
            bin.propertyStream().forEach(command -> commands.set(command.getKey(), command.getValue()));
        }
        json.remove("bin");
        dropOthers(commands);
        var safe = NODES.objectNode();
        commands.propertyStream().forEach(command -> {
            var name = packagePath(command.getKey());
            var file = packagePath(command.getValue().textValue());
            if (!name.isEmpty() && !file.isEmpty()) {
                safe.put(name.substring(name.lastIndexOf('/') + 1), file);
            }
        });
        if (!safe.isEmpty()) {
            json.set("bin", safe);
        }
    }

    private static String packagePath(String path) {
        var parts = new ArrayDeque<String>();
        for (var part : path.split("[/\\\\]+")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    private void keywords() {
        var node = json.path("keywords");
        if (node.isTextual()) {
            json.set("keywords", texts(Stream.of(node.textValue().split(",\\s*"))));
        } else if (node.isArray()) {
            json.set(
                    "keywords",
                    texts(node.valueStream().filter(JsonNode::isTextual).map(JsonNode::textValue)));
        } else {
            json.remove("keywords");
        }
    }

    private static ArrayNode texts(Stream<String> all) {
        var array = NODES.arrayNode();
        all.filter(text -> !text.isEmpty()).forEach(array::add);
        return array;
    }

    private void people() {
        var author = person(json.path("author"));
        json.remove("author");
        if (!author.isEmpty()) {
            json.set("author", author);
        }
        for (var member : List.of("maintainers", "contributors")) {
            if (json.get(member) instanceof ArrayNode list) {
                var people = json.putArray(member);
                list.forEach(node -> {
                    var person = person(node);
                    if (!person.isEmpty()) {
                        people.add(person);
                    }
                });
            } else {
                json.remove(member);
            }
        }
    }

    private static ObjectNode person(JsonNode node) {
        var person = NODES.objectNode();
        if (node.isObject()) {
            for (var member : List.of("name", "email", "url")) {
                put(person, member, node.path(member).asText(""));
            }
        } else if (node.isTextual() && node.textValue().length() <= MAX_PERSON_LENGTH) {
            put(person, "name", first(NAME, node.textValue()));
            put(person, "email", first(EMAIL, node.textValue()));
            put(person, "url", first(URL, node.textValue()));
        }
        return person;
    }

    private static void put(ObjectNode into, String member, String text) {
        if (!text.isBlank()) {
            into.put(member, text.strip());
        }
    }

    private static String first(Pattern pattern, String text) {
        var m = pattern.matcher(text);
        return m.find() ? m.group(1) : "";
    }

    /** Adds npm's default bugs URL and homepage for repositories on known hosts. */
    private void repository() {
        var node = json.path("repository");
        var web = RepositoryUrl.address(node);
        boolean hosted = HOSTED.matcher(web).matches();
        if (node.isTextual()) {
            json.set(
                    "repository",
                    NODES.objectNode().put("type", "git").put("url", hosted ? cloned(web) : node.textValue()));
        } else if (node instanceof ObjectNode object && hosted) {
            object.put("url", cloned(web));
        } else {
            keepIf("repository", JsonNode::isObject);
        }
        bugs(hosted ? web : "");
        if (hosted && !json.has("homepage")) {
            json.put("homepage", web + "#readme");
        }
    }

    private static String cloned(String web) {
        return "git+" + web + ".git";
    }

    private void bugs(String hosted) {
        var node = json.path("bugs");
        if (node.isTextual()) {
            boolean mail = node.textValue().contains("@") && !node.textValue().contains("/");
            json.set("bugs", NODES.objectNode().put(mail ? "email" : "url", node.textValue()));
        } else if (!node.isObject()) {
            json.remove("bugs");
        }
        if (!hosted.isEmpty() && !json.has("bugs")) {
            json.set("bugs", NODES.objectNode().put("url", hosted + "/issues"));
        }
    }

    /** npm builds such a package with node-gyp on install, unless it declares its own install script or opts out. */
    private void gyp(UnpackedStats unpacked) {
        var scripts = json.path("scripts");
        boolean refused =
                json.path("gypfile").isBoolean() && !json.path("gypfile").booleanValue();
        if (unpacked.gyp() && !refused && !scripts.has("install") && !scripts.has("preinstall")) {
            var all = scripts instanceof ObjectNode object ? object : json.putObject("scripts");
            all.put("install", "node-gyp rebuild");
            json.put("gypfile", true);
        }
    }
}
