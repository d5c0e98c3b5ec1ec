package dev.narthex.access.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.narthex.access.ProtocolAccessTest;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A line of {@code access/routes.txt}; the head of that file explains its columns.
 *
 * @param template parameters without their patterns
 * @param action permission that the request needs
 * @param then status codes of permitted requests
 * @param page whether it is a page, which answers 404 where the API answers 401
 * @param undo request that an admin sends to undo the effect, as "METHOD /path"
 */
public record RouteCase(
        String method,
        String template,
        String action,
        Set<Integer> then,
        Map<String, String> parameters,
        String query,
        Map<String, String> headers,
        String body,
        boolean page,
        Optional<String> undo) {
    private static final Map<String, String> SAMPLES = Map.of(
            "hash",
            ProtocolAccessTest.SECRET.hash(),
            "file",
            ProtocolAccessTest.SECRET.hash() + ".nar",
            "drv",
            ProtocolAccessTest.SECRET.hash() + "-x.drv",
            "id",
            "1",
            "output",
            "out",
            "quick",
            "");

    private static final Pattern PATTERNED = Pattern.compile("\\{(\\w+)(?::(?:[^{}]|\\{[\\d,]+\\})*)?\\}");
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)\\}");
    private static final Pattern HEADER = Pattern.compile("([A-Z][A-Za-z-]+): (.*)");
    private static final Pattern GIVEN = Pattern.compile("\\{(\\w+)\\}=(.*)");

    /** Name of the route in the code. */
    public String shown() {
        return method + " " + template;
    }

    /** Whether the response depends on the cache in the URL; accounts belong to the instance. */
    public boolean aboutItsCache() {
        return !Set.of("none", "person", "known").contains(action);
    }

    public boolean ofCache() {
        return (template + query + headers + body + parameters).contains("{cache}");
    }

    /** Returns path and query for this cache. */
    public String at(String cache) {
        return filled(template + query, cache);
    }

    /** Returns a text of this line with the values of its parameters. */
    public String filled(String text, String cache) {
        var given = new HashMap<>(SAMPLES);
        given.putAll(parameters);
        given.put("cache", cache);
        var filled = text;
        for (int i = 0; i < 2; i++) {
            filled = PARAMETER
                    .matcher(filled)
                    .replaceAll(match -> Matcher.quoteReplacement(given.getOrDefault(match.group(1), match.group())));
        }
        return filled;
    }

    public static List<RouteCase> all() {
        try (var in = RouteCase.class.getResourceAsStream("/access/routes.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .map(RouteCase::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RouteCase parse(String line) {
        var parts = line.split(" \\| ");
        var head = parts[0].strip().split(" +");
        assertTrue(head.length == 4, "not method, template, action, status: " + line);
        var parameters = new LinkedHashMap<String, String>();
        var headers = new LinkedHashMap<String, String>();
        var query = "";
        var body = "";
        boolean page = false;
        Optional<String> undo = Optional.empty();
        for (var part : List.of(parts).subList(1, parts.length)) {
            var given = GIVEN.matcher(part.strip());
            var header = HEADER.matcher(part);
            if (given.matches()) {
                parameters.put(given.group(1), given.group(2));
            } else if (header.matches()) {
                headers.put(header.group(1), header.group(2));
            } else if (part.startsWith("?")) {
                query = part;
            } else if (part.equals("page")) {
                page = true;
            } else if (part.startsWith("undo ")) {
                undo = Optional.of(part.substring("undo ".length()));
            } else {
                body = part.equals("-") ? "" : part;
            }
        }
        var then = new TreeSet<Integer>();
        Stream.of(head[3].split(",")).map(Integer::valueOf).forEach(then::add);
        return new RouteCase(head[0], head[1], head[2], then, parameters, query, headers, body, page, undo);
    }

    /** Returns the routes of the code, named as by {@link #shown}. */
    public static Set<String> ofCode() {
        var root = RouteCase.class.getClassLoader();
        var methods = new TreeSet<String>();
        new ClassFileImporter()
                .importPath("target/classes").stream()
                        .filter(type -> type.isAnnotatedWith(Path.class))
                        .map(JavaClass::getName)
                        .map(name -> load(root, name))
                        .flatMap(
                                type -> Arrays.stream(type.getDeclaredMethods()).flatMap(method -> shown(type, method)))
                        .forEach(methods::add);
        return methods;
    }

    private static Class<?> load(ClassLoader root, String name) {
        try {
            return Class.forName(name, false, root);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<String> shown(Class<?> type, Method method) {
        var below = Optional.ofNullable(method.getAnnotation(Path.class))
                .map(path -> "/" + path.value())
                .orElse("");
        var template = (type.getAnnotation(Path.class).value() + below).replaceAll("/{2,}", "/");
        return Arrays.stream(method.getAnnotations())
                .flatMap(a -> Optional.ofNullable(a.annotationType().getAnnotation(HttpMethod.class)).stream())
                .map(verb -> verb.value() + " " + PATTERNED.matcher(template).replaceAll("{$1}"));
    }
}
