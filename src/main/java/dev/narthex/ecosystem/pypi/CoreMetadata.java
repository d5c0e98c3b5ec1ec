package dev.narthex.ecosystem.pypi;

import dev.narthex.spi.Dependency;
import dev.narthex.spi.Facts;
import dev.narthex.spi.UntrustedText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A METADATA or PKG-INFO file (packaging.python.org, "Core metadata specifications"): headers as in email, then the description.
 *
 * @param text as given
 * @param fields values in order, by lower-case name; folded values keep their line feeds
 */
record CoreMetadata(String text, Map<String, List<String>> fields, String body) {
    /** Maximum length of a file, in bytes. */
    static final int BYTES = 1 << 20;

    private static final Set<String> SOURCE =
            Set.of("source", "source code", "sourcecode", "repository", "code", "github");
    private static final Set<String> HOME = Set.of("homepage", "home", "home page", "documentation");
    private static final int LICENCE_LENGTH = 200;
    private static final Pattern HEADER = Pattern.compile("[!-9;-~]+:");

    static CoreMetadata parse(String text) {
        var fields = new LinkedHashMap<String, List<String>>();
        var lines = text.split("\r\n|\r|\n", -1);
        int at = 0;
        for (; at < lines.length && HEADER.matcher(lines[at]).lookingAt(); at++) {
            int colon = lines[at].indexOf(':');
            var key = lines[at].substring(0, colon).toLowerCase(Locale.ROOT);
            var value = new StringBuilder(lines[at].substring(colon + 1).strip());
            while (at + 1 < lines.length && lines[at + 1].startsWith(" ")
                    || at + 1 < lines.length && lines[at + 1].startsWith("\t")) {
                value.append('\n').append(unfold(lines[++at]));
            }
            fields.computeIfAbsent(key, k -> new ArrayList<>()).add(value.toString());
        }
        // A line that is not a header begins the body, as in Python's email parser, which all clients use.
        int from = at < lines.length && lines[at].isEmpty() ? at + 1 : at;
        var body = String.join("\n", List.of(lines).subList(from, lines.length));
        return new CoreMetadata(text, fields, body);
    }

    String name() {
        return first("name");
    }

    String version() {
        return first("version");
    }

    String requiresPython() {
        return UntrustedText.line(first("requires-python"));
    }

    /** Returns an empty text if the field is missing; old tools wrote "UNKNOWN" in that case. */
    String first(String field) {
        var value = all(field).stream().findFirst().orElse("");
        return value.equals("UNKNOWN") ? "" : value;
    }

    List<String> all(String field) {
        return fields.getOrDefault(field, List.of());
    }

    Facts facts(List<String> vulnerabilities) {
        return new Facts(
                UntrustedText.line(first("summary")),
                license(),
                address(HOME)
                        .or(() -> Optional.of(UntrustedText.address(first("home-page"))))
                        .orElse(""),
                address(SOURCE).orElse(""),
                people(),
                keywords(),
                readme(),
                text,
                vulnerabilities);
    }

    List<Dependency> dependencies() {
        return all("requires-dist").stream()
                .map(Requirement::parse)
                .flatMap(Optional::stream)
                .map(Requirement::dependency)
                .limit(UntrustedText.DEPENDENCIES)
                .toList();
    }

    private String license() {
        var expression = UntrustedText.line(first("license-expression"));
        var words = first("license");
        if (!expression.isEmpty()) {
            return expression;
        }
        if (!words.isEmpty() && words.length() <= LICENCE_LENGTH && words.indexOf('\n') < 0) {
            return UntrustedText.line(words);
        }
        // Many projects paste the full license text; a classifier such as "License :: OSI Approved :: MIT License" is
        // shorter.
        return all("classifier").stream()
                .filter(c -> c.startsWith("License ::"))
                .map(c -> UntrustedText.line(c.substring(c.lastIndexOf("::") + 2)))
                .findFirst()
                .orElse("");
    }

    private Optional<String> address(Set<String> labels) {
        return all("project-url").stream()
                .filter(url -> url.indexOf(',') > 0)
                .filter(url -> labels.contains(
                        url.substring(0, url.indexOf(',')).strip().toLowerCase(Locale.ROOT)))
                .map(url -> UntrustedText.address(url.substring(url.indexOf(',') + 1)))
                .filter(address -> !address.isEmpty())
                .findFirst();
    }

    /** Returns only names: "Ada Ferry &lt;ada@example.org&gt;, Bo Quay &lt;bo@example.org&gt;" gives two. */
    private List<String> people() {
        var names = new LinkedHashSet<String>();
        Stream.of("author", "maintainer", "author-email", "maintainer-email")
                .flatMap(field -> Stream.of(first(field).split(",")))
                .map(person ->
                        UntrustedText.line(person.replaceAll("<[^>]*>?", "").replace("\"", "")))
                .filter(person -> !person.isEmpty() && !person.contains("@"))
                .forEach(names::add);
        return names.stream().limit(100).toList();
    }

    private List<String> keywords() {
        var words = first("keywords");
        return Stream.of(words.split(words.contains(",") ? "," : "\\s+"))
                .map(UntrustedText::line)
                .filter(word -> !word.isEmpty())
                .distinct()
                .limit(100)
                .toList();
    }

    private Optional<Facts.Readme> readme() {
        var text = body.isBlank() ? first("description") : body;
        if (text.isBlank()) {
            return Optional.empty();
        }
        var type = first("description-content-type")
                .replaceFirst(";.*", "")
                .strip()
                .toLowerCase(Locale.ROOT);
        var format = Set.of("text/markdown", "text/x-rst", "text/plain").contains(type) ? type : "text/x-rst";
        return Optional.of(UntrustedText.readme(text, format));
    }

    /** Old descriptions are folded with seven spaces and a bar (distutils), others with any white space. */
    private static String unfold(String line) {
        return line.startsWith("       |")
                ? line.substring(8)
                : line.startsWith("        ") ? line.substring(8) : line.strip();
    }
}
