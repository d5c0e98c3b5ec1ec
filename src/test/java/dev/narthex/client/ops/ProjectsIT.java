package dev.narthex.client.ops;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.Corpus.Item;
import dev.narthex.client.support.SharedServer;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real packages pushed by nix: their pages link releases of the same project. */
class ProjectsIT {
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SharedServer shared = SharedServer.instance();

    /** npm trees, each built from a tarball, and Python projects, each built with a wheel. */
    static Stream<Item> built() {
        return CORPUS.items().stream()
                .filter(i -> i.kind().equals("package") && i.output().equals("out"))
                .filter(i -> i.ecosystem().equals("npm") || i.ecosystem().equals("pypi"))
                .filter(i -> !i.packageName().contains("demo-app"));
    }

    @ParameterizedTest
    @MethodSource("built")
    void relatedPackagesLinkToEachOther(Item item) throws Exception {
        var nix = "/main/nix/" + item.name().replaceFirst("-" + item.version() + "$", "") + "@" + item.version();
        var other = "/main/" + item.ecosystem() + "/" + item.packageName() + "@" + item.version();
        eventually(nix, other);
        eventually(other, nix);
        var doors = twin(nix).path("doors").findValuesAsText("id");
        assertTrue(doors.contains("nix") && doors.contains(item.ecosystem()), doors.toString());
        assertTrue(Stream.of("knownAs", "alsoAs")
                .flatMap(list -> urls(twinOf(item), list))
                .collect(Collectors.toSet())
                .containsAll(Set.of(nix, other)));
    }

    @Test
    void vendoredPackagesAreNotRelatedToTheApplication() throws Exception {
        var app = CORPUS.items().stream()
                .filter(i -> i.packageName().contains("demo-app"))
                .findFirst()
                .orElseThrow();
        for (var page : urls(twin("/main/nix/" + app.packageName() + "@" + app.version()), "alsoAs")
                .toList()) {
            assertEquals("/main/npm/" + app.packageName() + "@" + app.version(), page);
        }
        assertFalse(CORPUS.items().stream()
                .filter(i -> i.ecosystem().equals("npm") && i.kind().equals("source"))
                .flatMap(i -> urls(page("/main/npm/" + i.packageName() + "@" + i.version()), "alsoAs"))
                .anyMatch(url -> url.contains(app.packageName())));
    }

    private void eventually(String page, String other) throws Exception {
        long begun = System.nanoTime();
        while (urls(page(page), "alsoAs").noneMatch(other::equals)) {
            assertTrue(System.nanoTime() - begun < LIMIT_NANOS, page + " does not name " + other);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private JsonNode twinOf(Item item) {
        var path = page("/main/path/" + item.hash());
        return JSON.createObjectNode()
                .<com.fasterxml.jackson.databind.node.ObjectNode>set(
                        "knownAs", path.path("head").path("knownAs"))
                .set("alsoAs", path.path("alsoAs"));
    }

    private static Stream<String> urls(JsonNode page, String list) {
        return StreamSupport.stream(page.path(list).spliterator(), false)
                .map(known -> known.path("url").asText());
    }

    private JsonNode page(String page) {
        try {
            return twin(page);
        } catch (Exception e) {
            throw new IllegalStateException(page, e);
        }
    }

    private JsonNode twin(String page) throws Exception {
        var answer =
                shared.server.http.send(shared.server.request("/api" + page).build(), BodyHandlers.ofString());
        return JSON.readTree(answer.body());
    }
}
