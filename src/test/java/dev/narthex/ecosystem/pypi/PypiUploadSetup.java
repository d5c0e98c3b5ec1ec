package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.PublisherSetup;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** A new cache for each test, its publisher, and requests to its PyPI index. */
abstract class PypiUploadSetup extends PublisherSetup {
    private static final String JSON = "application/vnd.pypi.simple.v1+json";

    String at(String path) {
        return "/registry/" + cache.name() + "/pypi/" + path;
    }

    static RequestSpecification as(String secret) {
        var plain = RestAssured.config()
                .encoderConfig(EncoderConfig.encoderConfig()
                        .encodeContentTypeAs("multipart/form-data", ContentType.BINARY)
                        .appendDefaultContentCharsetToContentTypeIfUndefined(false));
        var request = given().config(plain)
                .urlEncodingEnabled(false)
                .header("Content-Type", "multipart/form-data; boundary=" + UploadFormFixture.BOUNDARY);
        return secret.isEmpty() ? request : request.auth().preemptive().basic("__token__", secret);
    }

    Response post(UploadFormFixture upload) {
        return post(upload.body());
    }

    Response post(byte[] body) {
        return as(token).body(body).post(at("legacy/"));
    }

    Response page(String project) {
        return given().accept(JSON).get(at("simple/" + project + "/"));
    }

    List<String> files(String project) {
        return page(project).then().statusCode(200).extract().path("files.filename");
    }

    byte[] fetched(String project, String filename) {
        String url = page(project).path("files.find { it.filename == '" + filename + "' }.url");
        var address = URI.create(at("simple/" + project + "/")).resolve(url);
        return given().urlEncodingEnabled(false).get(address.getRawPath()).asByteArray();
    }

    long count(String from) {
        return people.number("select count(*) from " + from);
    }

    long kept() {
        return count("path where cache_id = " + cache.id()) + count("package where cache_id = " + cache.id());
    }

    /** In the status line, which is all that most clients show, and in the body. */
    static void refused(Response answer, int status, String part) {
        answer.then()
                .statusCode(status)
                .statusLine(containsString(part))
                .contentType(startsWith("text/plain"))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Cache-Control", equalTo("no-store"));
        assertTrue(answer.asString().contains(part), answer.asString());
    }

    static UploadFormFixture good() {
        return UploadFormFixture.wheel("oar", "1.0");
    }

    static UploadFormFixture wheel(Map<String, String> files) {
        return UploadFormFixture.wheel("oar", "1.0", "", files);
    }
}
