package dev.narthex.problem;

import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the HTTP methods that are allowed at a path, from the routes of all endpoints. The router considers only the class
 * whose path matches best, so it reports "not found" for a method that another class has at the same path.
 *
 * <p>Routes that start with the name of a cache match almost any path. The first segments of all other routes are reserved and
 * cannot be names of caches, so for paths that start with one of them, routes of caches are ignored.
 */
@Singleton
class AllowedMethods {
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)(?::((?:[^{}]|\\{[\\d,]+\\})*))?\\}");

    private final List<Route> routes;
    private final Set<String> ofSite;

    AllowedMethods(BeanManager beans) {
        routes = beans.getBeans(Object.class, Any.Literal.INSTANCE).stream()
                .map(bean -> bean.getBeanClass())
                .distinct()
                .filter(type -> type.isAnnotationPresent(Path.class))
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()).flatMap(method -> routes(type, method)))
                .toList();
        ofSite = routes.stream()
                .map(Route::first)
                .filter(segment -> !segment.startsWith("{"))
                .collect(Collectors.toUnmodifiableSet());
    }

    private record Route(String method, String first, Pattern addresses) {}

    private static Stream<Route> routes(Class<?> type, Method method) {
        var below = Optional.ofNullable(method.getAnnotation(Path.class))
                .map(path -> "/" + path.value())
                .orElse("");
        var template = (type.getAnnotation(Path.class).value() + below).replaceAll("/{2,}", "/");
        return Arrays.stream(method.getAnnotations())
                .flatMap(a -> Optional.ofNullable(a.annotationType().getAnnotation(HttpMethod.class)).stream())
                .map(verb -> new Route(verb.value(), first(template), addresses(template)));
    }

    private static String first(String path) {
        return path.substring(1).split("/", 2)[0];
    }

    private static Pattern addresses(String template) {
        var regex = new StringBuilder();
        var parameter = PARAMETER.matcher(template);
        int at = 0;
        while (parameter.find()) {
            regex.append(Pattern.quote(template.substring(at, parameter.start())))
                    .append("(?:")
                    .append(Optional.ofNullable(parameter.group(2)).orElse("[^/]+"))
                    .append(')');
            at = parameter.end();
        }
        return Pattern.compile(
                regex.append(Pattern.quote(template.substring(at))).toString());
    }

    /**
     * Returns the allowed methods, including HEAD if GET is allowed.
     *
     * @param path as sent by the client
     * @return empty if no route matches
     */
    SortedSet<String> at(String path) {
        boolean site = ofSite.contains(first(path));
        var methods = routes.stream()
                .filter(route -> !site || !route.first().startsWith("{"))
                .filter(route -> route.addresses().matcher(path).matches())
                .map(Route::method)
                .collect(Collectors.toCollection(TreeSet::new));
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return methods;
    }
}
