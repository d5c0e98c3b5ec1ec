package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.ecosystem.support.PublisherSetup;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A new cache for each test, its publisher, and requests to its npm registry. */
abstract class NpmPublishSetup extends PublisherSetup {
    String at(String path) {
        return "/registry/" + cache.name() + "/npm/" + path;
    }

    static RequestSpecification as(String token) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json");
    }

    Response put(PublishRequestFixture sending) {
        return put(sending.name.replace("/", "%2f"), sending.body());
    }

    Response put(String name, String body) {
        return as(token).body(body).put(at(name));
    }

    long count(String from) {
        return people.number("select count(*) from " + from);
    }

    long kept() {
        return count("path where cache_id = " + cache.id()) + count("package where cache_id = " + cache.id());
    }

    void refused(Response answer, int status, String part) {
        answer.then()
                .statusCode(status)
                .contentType(startsWith("application/json"))
                .body("error", containsString(part))
                .header("Cache-Control", equalTo("no-store"));
    }

    static PublishRequestFixture of(java.util.function.Consumer<ObjectNode> change) {
        return PublishRequestFixture.of("oar", "1.0.0").with(change);
    }

    static PublishRequestFixture manifest(java.util.function.Consumer<ObjectNode> change) {
        return PublishRequestFixture.of("oar", "1.0.0").withManifest(change);
    }

    static PublishRequestFixture tarball(byte[] bytes) {
        return PublishRequestFixture.of("oar", "1.0.0", bytes);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("Oar", "lower case"),
                Arguments.of("@Boat/oar", "lower case"),
                Arguments.of("oar~", "a-z"),
                Arguments.of("@_boat/oar", "a-z"),
                Arguments.of("fs", "module of Node"));
    }
}
