package dev.narthex.client.pypi;

import static dev.narthex.client.support.SharedServer.CORPUS;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.SharedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real pip against the running server. */
class PipIT {
    private final SharedServer shared = SharedServer.instance();
    private final String index =
            shared.server.uri("/registry/main/pypi/simple/").toString();

    @TempDir
    Path scratch;

    private ProgramRunner programs;

    @BeforeEach
    void client() {
        programs = new ProgramRunner(scratch)
                .with("PIP_CONFIG_FILE", "/dev/null")
                .with("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    }

    /** Wheels and source distributions at the root of "dist" outputs. */
    static Stream<Path> distributions() {
        return CORPUS.items().stream()
                .filter(item -> item.ecosystem().equals("pypi") && item.output().equals("dist"))
                .flatMap(item -> files(Path.of(CORPUS.store() + item.path())));
    }

    private static Stream<Path> files(Path folder) {
        try (var files = Files.list(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("wheels")
    void pipDownloadReturnsTheWheelThatNixBuilt(Path file) throws IOException {
        var name = file.getFileName().toString();
        var parts = name.split("-");
        programs.run(
                        "/usr/bin/python3",
                        "-m",
                        "pip",
                        "download",
                        "--no-deps",
                        "--only-binary=:all:",
                        "--index-url",
                        index,
                        parts[0] + "==" + parts[1])
                .succeeded();
        assertArrayEquals(Files.readAllBytes(file), Files.readAllBytes(scratch.resolve(name)));
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void linkedFilesAreUnchanged(Path file) throws IOException {
        var name = file.getFileName().toString();
        var page =
                index + name.replaceFirst("-.*", "").replaceAll("[-_.]+", "-").toLowerCase(java.util.Locale.ROOT) + "/";
        String url = given().accept("application/vnd.pypi.simple.v1+json")
                .get(page)
                .path("files.find { it.filename == '" + name + "' }.url");
        assertArrayEquals(
                Files.readAllBytes(file),
                given().get(java.net.URI.create(page).resolve(url)).asByteArray());
    }

    static Stream<Path> wheels() {
        return distributions().filter(file -> file.toString().endsWith(".whl"));
    }

    @Test
    void installedModulesCanBeImported() {
        programs.run(
                        "/usr/bin/python3",
                        "-m",
                        "pip",
                        "install",
                        "--target",
                        scratch.resolve("lib").toString(),
                        "--index-url",
                        index,
                        "six")
                .succeeded();
        programs.with("PYTHONPATH", scratch.resolve("lib").toString());
        var where = programs.run("/usr/bin/python3", "-c", "import six; print(six.__file__)")
                .succeeded()
                .out();
        assertTrue(where.startsWith(scratch.toString()), where);
    }

    @Test
    void unchangedPageIsAnsweredWith304() {
        var page = given().accept("application/vnd.pypi.simple.v1+json").get(index + "six/");
        page.then().statusCode(200).contentType(startsWith("application/vnd.pypi.simple.v1+json"));
        var again = given().accept("application/vnd.pypi.simple.v1+json")
                .header("If-None-Match", page.header("ETag"))
                .get(index + "six/");
        again.then().statusCode(304);
        assertNull(again.header("Content-Type"));
        var html = given().accept("text/html").get(index + "six/");
        html.then().statusCode(200).contentType(startsWith("text/html"));
        assertTrue(!html.header("ETag").equals(page.header("ETag")));
    }

    @Test
    void otherSpellingsRedirectToTheNormalizedName() {
        given().redirects().follow(false).get(index + "SIX").then().statusCode(301);
        given().get(index + "no-such-project-here/").then().statusCode(404);
    }

    @Test
    void fileRangeIsServed() {
        String url = given().accept("application/vnd.pypi.simple.v1+json")
                .get(index + "six/")
                .path("files[0].url");
        var whole =
                given().get(java.net.URI.create(index + "six/").resolve(url)).asByteArray();
        var part = given().header("Range", "bytes=2-11")
                .get(java.net.URI.create(index + "six/").resolve(url));
        part.then().statusCode(206).header("Content-Range", equalTo("bytes 2-11/" + whole.length));
        assertArrayEquals(java.util.Arrays.copyOfRange(whole, 2, 12), part.asByteArray());
    }
}
