package dev.narthex.access;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.narthex.TestDatabase;
import dev.narthex.access.support.RouteCase;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Methods that a URL does not support: the response lists the supported ones, or is 404. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class UnknownMethodsTest {
    @ParameterizedTest
    @CsvSource({
        "POST, /, GET HEAD",
        "POST, /main/nix-cache-info, GET HEAD",
        "DELETE, /main/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi.narinfo, GET HEAD PUT",
        "POST, /main/nar/x.nar, GET HEAD PUT",
        "PUT, /main, GET HEAD",
        "PUT, /main/npm/lantern, GET HEAD",
        "POST, /main/npm/lantern, GET HEAD",
        "PUT, /main/npm/lantern@1.0.0, GET HEAD POST",
        "PUT, /no-such-cache/npm/lantern, GET HEAD",
        "POST, /caches, GET HEAD",
        "POST, /feed/main, GET HEAD",
        "POST, /sitemap.xml, GET HEAD",
        "POST, /api/main/settings, GET HEAD",
        "GET, /_api/v1/caches, POST",
        "GET, /_api/v1/upload-path, PUT",
        "DELETE, /_api/v1/main/derivation-meta, PUT",
        "PUT, /_api/v1/caches/main/keys/main, DELETE PATCH",
        "BREW, /main, GET HEAD",
    })
    void anAddressNamesTheMethodsThatItKnows(String method, String path, String known) {
        var answer = given().request(method, path);
        assertEquals(405, answer.statusCode(), answer.asString());
        assertEquals(known, listed(answer.header("Allow")));
    }

    private static String listed(String allow) {
        return Arrays.stream(allow.split(", ")).collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({"POST, /_api/v1/nothing", "GET, /_api/v1/nothing", "DELETE, /registry/main/nothing/x", "PUT, /oidc/x"})
    void unknownPathAllowsNoMethod(String method, String path) {
        var answer = given().request(method, path);
        assertEquals(404, answer.statusCode(), answer.asString());
        assertFalse(answer.headers().hasHeaderWithName("Allow"));
    }

    /** Compares the response with the route list for every URL in it. */
    @Test
    void allowHeaderListsEveryMethodOfAPath() {
        var said = RouteCase.all().stream()
                .collect(Collectors.groupingBy(
                        route -> route.at("main").split("\\?")[0],
                        Collectors.mapping(RouteCase::method, Collectors.toCollection(TreeSet::new))));
        for (Map.Entry<String, TreeSet<String>> address : said.entrySet()) {
            var answer = given().redirects().follow(false).request("BREW", address.getKey());
            assertEquals(405, answer.statusCode(), address.getKey());
            var known = new TreeSet<>(Arrays.asList(answer.header("Allow").split(", ")));
            assertEquals(true, known.containsAll(address.getValue()), address + " " + known);
        }
    }
}
