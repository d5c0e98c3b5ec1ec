package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.narthex.TestDatabase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every route that names a cache, as the code has them: a private cache answers as one that is not there. A route that names
 * none stands in a list here, so that whoever adds one thinks of who may ask it.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RoutesTest {
    /** Routes without a cache in their address. Those of the API name it in the body, or are about the instance. */
    private static final Set<String> WITHOUT_A_CACHE = Set.of(
            "GET /",
            "GET /api",
            "GET /api/{page}",
            "GET /assets/{file}",
            "GET /caches",
            "GET /docs",
            "GET /favicon.ico",
            "GET /login",
            "GET /logged-out",
            "GET /logout",
            "GET /me",
            "POST /me",
            "GET /me/tokens",
            "POST /me/tokens",
            "GET /oidc/callback",
            "GET /oidc/start",
            "GET /opensearch.xml",
            "GET /robots.txt",
            "GET /search",
            "GET /status",
            "GET /suggest",
            "GET /prefs",
            "POST /prefs",
            "GET /_api/v1/audit",
            "GET /_api/v1/tokens",
            "POST /_api/v1/tokens",
            "DELETE /_api/v1/tokens/{id}",
            "POST /_api/v1/caches",
            "POST /_api/v1/get-missing-paths",
            "PUT /_api/v1/upload-path");

    /** Routes whose cache is not there yet: whoever may make one learns that its name is in use, and nothing else. */
    private static final Set<String> MAKE_THE_CACHE = Set.of("POST /_api/v1/cache-config/{cache}");

    private static final Map<String, String> SAMPLES = Map.of(
            "hash", FacesAccessTest.SECRET.hash(),
            "file", "x.nar",
            "drv", FacesAccessTest.SECRET.hash() + "-x.drv",
            "id", "1",
            "name", "lantern",
            "output", "out",
            "path", "npm/lantern",
            "below", "lantern",
            "filename", "x.note",
            "quick", "");

    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)(?::(?:[^{}]|\\{[\\d,]+\\})*)?\\}");

    @Inject
    People people;

    private record Route(String method, String template) {
        /** Without the patterns of its parameters. */
        String shown() {
            return method + " " + PARAMETER.matcher(template).replaceAll("{$1}");
        }

        boolean ofCache() {
            return template.contains("{cache}");
        }

        String at(String cache) {
            return PARAMETER
                    .matcher(template)
                    .replaceAll(found -> found.group(1).equals("cache")
                            ? cache
                            : Optional.ofNullable(SAMPLES.get(found.group(1)))
                                    .orElseThrow(() -> new AssertionError("no sample of {" + found.group(1) + "}")));
        }
    }

    private static List<Route> routes() {
        var root = RoutesTest.class.getClassLoader();
        return new ClassFileImporter()
                .importPath("target/classes").stream()
                        .filter(type -> type.isAnnotatedWith(Path.class))
                        .map(JavaClass::getName)
                        .map(name -> load(root, name))
                        .flatMap(
                                type -> Arrays.stream(type.getDeclaredMethods()).flatMap(method -> route(type, method)))
                        .toList();
    }

    private static Class<?> load(ClassLoader root, String name) {
        try {
            return Class.forName(name, false, root);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Stream<Route> route(Class<?> type, Method method) {
        var below = Optional.ofNullable(method.getAnnotation(Path.class))
                .map(path -> "/" + path.value())
                .orElse("");
        var template = (type.getAnnotation(Path.class).value() + below).replaceAll("/{2,}", "/");
        return Arrays.stream(method.getAnnotations())
                .flatMap(a -> Optional.ofNullable(a.annotationType().getAnnotation(HttpMethod.class)).stream())
                .map(verb -> new Route(verb.value(), template));
    }

    @Test
    void routesWithoutACacheAreKnown() {
        var found = new TreeSet<String>();
        routes().stream().filter(route -> !route.ofCache()).map(Route::shown).forEach(found::add);
        assertEquals(new TreeSet<>(WITHOUT_A_CACHE), found);
    }

    @Test
    void everyRouteOfAPrivateCacheAnswersAsIfItWereAbsent() {
        people.cache(FacesAccessTest.SEALED, false);
        var stranger = people.token(people.person(false));
        var ofCaches = routes().stream()
                .filter(route -> route.ofCache() && !MAKE_THE_CACHE.contains(route.shown()))
                .toList();
        assertTrue(ofCaches.size() > 30, ofCaches.toString());
        for (var route : ofCaches) {
            for (var token : List.of("", FacesAccessTest.unknown(), stranger)) {
                var hidden = ask(route, FacesAccessTest.SEALED, token);
                assertEquals(ask(route, FacesAccessTest.ABSENT, token), hidden, route.shown());
                assertTrue(Set.of(401, 404).contains(hidden.status()), route.shown() + " " + hidden);
            }
        }
    }

    private static FacesAccessTest.Answer ask(Route route, String cache, String token) {
        return FacesAccessTest.heard(() -> FacesAccessTest.with(token)
                .contentType("application/json")
                .body("{}")
                .request(route.method(), route.at(cache)));
    }
}
