package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.access.support.RouteCase;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Caching and security headers of all GET routes. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SecurityHeadersTest {
    private static final String SEALED = "safe-sealed";
    private static final String OPEN = "safe-opened";

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private static boolean filled;

    private String token;

    @BeforeEach
    void caches() {
        people.cache(SEALED, false);
        people.cache(OPEN, true);
        var tarball = PortalFixture.tarball("package.json", "{\"name\":\"lantern\",\"version\":\"1.0.0\"}");
        for (var name : filled ? List.<String>of() : List.of(SEALED, OPEN)) {
            new PortalFixture(name, recognition)
                    .put(ProtocolAccessTest.SECRET, PortalFixture.file(tarball), Optional.empty());
        }
        filled = true;
        token = people.token(Optional.empty(), Scope.ADMIN);
    }

    private record Asked(RouteCase route, String cache, boolean known, String accept, Response answer) {
        @Override
        public String toString() {
            return route.shown() + " of " + cache + (known ? " with a token" : "") + " for " + accept + ": "
                    + answer.statusCode() + " " + answer.headers();
        }

        String header(String name) {
            return Optional.ofNullable(answer.header(name)).orElse("");
        }

        /** HTML for programs, equal for all readers. */
        boolean ofAFace() {
            return route.template().startsWith("/registry/");
        }

        public boolean page() {
            return header("Content-Type").startsWith("text/html");
        }
    }

    private List<Asked> all() {
        var asked = new ArrayList<Asked>();
        for (var route : RouteCase.all()) {
            if (!route.method().equals("GET")) {
                continue;
            }
            for (var cache : route.ofCache() ? List.of(SEALED, OPEN) : List.of(OPEN)) {
                for (var accept : List.of("*/*", "text/html")) {
                    for (var secret : List.of("", token)) {
                        var answer =
                                ProtocolAccessTest.with(secret).accept(accept).get(route.at(cache));
                        asked.add(new Asked(route, cache, !secret.isEmpty(), accept, answer));
                    }
                }
            }
        }
        return asked;
    }

    @Test
    void everyResponseHasCacheControl() {
        for (var one : all()) {
            var kept = one.header("Cache-Control");
            assertFalse(kept.isEmpty(), one.toString());
            boolean secret = one.known() && !one.route().action().equals("none");
            if (secret || (one.cache().equals(SEALED) && !one.route().action().equals("none"))) {
                assertFalse(kept.contains("public"), one.toString());
            }
            if (secret) {
                assertTrue(kept.contains("no-store") || kept.contains("private"), one.toString());
            }
            if (secret && one.page() && !one.ofAFace()) {
                assertTrue(kept.contains("no-store"), one.toString());
            }
        }
    }

    @Test
    void everyPageHasAContentSecurityPolicy() {
        int pages = 0;
        for (var one : all()) {
            if (!one.page()) {
                continue;
            }
            pages++;
            var policy = one.header("Content-Security-Policy");
            assertTrue(policy.contains("default-src 'none'"), one.toString());
            assertTrue(policy.contains("frame-ancestors 'none'"), one.toString());
            assertFalse(policy.contains("unsafe"), one.toString());
            assertEquals("nosniff", one.header("X-Content-Type-Options"), one.toString());
            assertEquals("same-origin", one.header("Referrer-Policy"), one.toString());
            assertEquals("same-origin", one.header("Cross-Origin-Opener-Policy"), one.toString());
            assertEquals("", one.header("Strict-Transport-Security"), one.toString());
            var vary = String.join(", ", one.answer().headers().getValues("Vary"));
            assertTrue(one.ofAFace() || (vary.contains("Cookie") && vary.contains("Authorization")), one.toString());
            assertEquals(
                    1,
                    one.answer().headers().getValues("Content-Security-Policy").size(),
                    one.toString());
        }
        assertTrue(pages > 30, "pages: " + pages);
    }

    /** The address of this server is configured: values from request headers are not repeated. */
    @Test
    void requestHostNeverAppearsInResponses() {
        for (var route : RouteCase.all()) {
            if (route.method().equals("GET")) {
                var answer = given().redirects()
                        .follow(false)
                        .header("Authorization", "Bearer " + token)
                        .header("Host", "elsewhere.example")
                        .header("X-Forwarded-Host", "elsewhere.example")
                        .header("X-Forwarded-Proto", "gopher")
                        .header("Forwarded", "host=elsewhere.example;proto=gopher")
                        .get(route.at(OPEN));
                var told = answer.headers() + answer.asString();
                assertFalse(told.contains("elsewhere.example") || told.contains("gopher"), route.shown() + " " + told);
            }
        }
    }
}
