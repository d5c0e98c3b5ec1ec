package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.access.support.RouteCase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every route of the code is in the list, so that whoever adds a route decides who may use it. A private cache runs the same
 * statements as an absent one.
 */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class RouteListTest {
    @Inject
    AccessFixture people;

    @Test
    void routeListMatchesTheCode() {
        var listed = RouteCase.all().stream().map(RouteCase::shown).collect(Collectors.toCollection(TreeSet::new));
        assertEquals(
                RouteCase.ofCode().stream().collect(Collectors.joining("\n")),
                listed.stream().collect(Collectors.joining("\n")),
                "the routes of the code, and those of src/test/resources/access/routes.txt, whose head says how to add one");
    }

    @Test
    void privateCacheAnswersAsIfAbsentOnEveryRoute() {
        people.cache(ProtocolAccessTest.SEALED, false);
        var stranger = people.token(people.person(false));
        // creators of caches learn that a name is used, but nothing else
        var ofCaches = RouteCase.all().stream()
                .filter(route -> route.template().contains("{cache}")
                        && !Set.of("create", "admin").contains(route.action()))
                .toList();
        assertTrue(ofCaches.size() > 30, ofCaches.toString());
        for (var route : ofCaches) {
            for (var token : List.of("", ProtocolAccessTest.unknown(), stranger)) {
                var pair = pair(route, token);
                assertEquals(pair.absent(), pair.hidden(), route.shown());
                assertTrue(
                        !route.aboutItsCache()
                                || Set.of(401, 404).contains(pair.hidden().status()),
                        route.shown() + " " + pair.hidden());
            }
        }
    }

    private record Pair(ProtocolAccessTest.Answer absent, ProtocolAccessTest.Answer hidden) {}

    /** Repeats requests whose statements differ, because those of background work may be recorded with them. */
    private static Pair pair(RouteCase route, String token) {
        Pair pair;
        int left = 3;
        do {
            pair = new Pair(ask(route, ProtocolAccessTest.ABSENT, token), ask(route, ProtocolAccessTest.SEALED, token));
        } while (!pair.absent().equals(pair.hidden()) && --left > 0);
        return pair;
    }

    private static ProtocolAccessTest.Answer ask(RouteCase route, String cache, String token) {
        return ProtocolAccessTest.heard(() -> ProtocolAccessTest.with(token)
                .contentType(route.headers().getOrDefault("Content-Type", "application/json"))
                .body("{}")
                .request(route.method(), route.at(cache)));
    }
}
