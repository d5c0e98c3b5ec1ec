package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Publish documents that are inconsistent, malformed or over a limit are refused and store nothing. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmPublishRefusalTest extends NpmPublishSetup {

    /** Names, digests and manifests that contradict the tarball. */
    static Stream<Arguments> contradictions() {
        return Stream.of(
                Arguments.of("another name", of(d -> d.put("name", "mast")), 400, "mast"),
                Arguments.of("no versions", of(d -> d.remove("versions")), 400, "publishes one version"),
                Arguments.of(
                        "two versions",
                        of(d -> ((ObjectNode) d.get("versions")).putObject("2.0.0")),
                        400,
                        "publishes one version"),
                Arguments.of("a version that is none", PublishRequestFixture.of("oar", "1.0"), 400, "semver"),
                Arguments.of(
                        "a version with a letter before", PublishRequestFixture.of("oar", "v1.0.0"), 400, "semver"),
                Arguments.of("the manifest's name", manifest(m -> m.put("name", "mast")), 400, "mast"),
                Arguments.of("the manifest's version", manifest(m -> m.put("version", "1.0.1")), 400, "1.0.1"),
                Arguments.of("the manifest's own version missing", manifest(m -> m.remove("version")), 400, "version"),
                Arguments.of(
                        "other scripts",
                        manifest(m -> m.putObject("scripts").put("install", "curl evil")),
                        400,
                        "differ in scripts"),
                Arguments.of("no scripts", manifest(m -> m.remove("scripts")), 400, "differ in scripts"),
                Arguments.of(
                        "other dependencies",
                        manifest(m -> m.putObject("dependencies").put("mast", "^2.0.0")),
                        400,
                        "differ in dependencies"),
                Arguments.of(
                        "other commands",
                        manifest(m -> m.putObject("bin").put("ls", "index.js")),
                        400,
                        "differ in bin"),
                Arguments.of(
                        "shasum",
                        manifest(m -> ((ObjectNode) m.get("dist")).put("shasum", "0".repeat(40))),
                        400,
                        "sha1"),
                Arguments.of(
                        "shasum that is none",
                        manifest(m -> ((ObjectNode) m.get("dist")).put("shasum", "xyz")),
                        400,
                        "no digest"),
                Arguments.of(
                        "integrity",
                        manifest(m -> ((ObjectNode) m.get("dist"))
                                .put(
                                        "integrity",
                                        "sha512-" + Base64.getEncoder().encodeToString(new byte[64]))),
                        400,
                        "sha512"),
                Arguments.of(
                        "integrity of which one is wrong",
                        manifest(m -> ((ObjectNode) m.get("dist"))
                                .put(
                                        "integrity",
                                        m.path("dist").path("integrity").asText() + " sha256-"
                                                + Base64.getEncoder().encodeToString(new byte[32]))),
                        400,
                        "sha256"),
                Arguments.of("length", attachment(a -> a.put("length", 7)), 400, "7"),
                Arguments.of("no base64", attachment(a -> a.put("data", "*****")), 400, "base64"),
                Arguments.of("data that are no text", attachment(a -> a.put("data", 1)), 400, "data"),
                Arguments.of("no data", attachment(a -> a.remove("data")), 400, "no data"),
                Arguments.of("no tarball", of(d -> d.putObject("_attachments")), 400, "neither a tarball"),
                Arguments.of(
                        "two tarballs",
                        of(d -> ((ObjectNode) d.get("_attachments"))
                                .putObject("b.tgz")
                                .put("data", "")),
                        400,
                        "more than one"),
                Arguments.of(
                        "provenance",
                        of(d -> ((ObjectNode) d.get("_attachments"))
                                .putObject("oar-1.0.0.sigstore")
                                .put("data", "{}")),
                        400,
                        "provenance"),
                Arguments.of(
                        "a tag that is a range",
                        of(d -> ((ObjectNode) d.get("dist-tags")).put("1.x", "1.0.0")),
                        400,
                        "must not be a valid SemVer range"),
                Arguments.of(
                        "a tag for another version",
                        of(d -> ((ObjectNode) d.get("dist-tags")).put("next", "2.0.0")),
                        400,
                        "next"));
    }

    private static PublishRequestFixture attachment(java.util.function.Consumer<ObjectNode> change) {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        change.accept(sending.attachment());
        return sending;
    }

    /** Files that are no tarball, or would harm those who unpack them. */
    static Stream<Arguments> tarballs() {
        var json = "{\"name\":\"oar\",\"version\":\"1.0.0\"}";
        return Stream.of(
                Arguments.of("no gzip", tarball("hello".getBytes()), 400, "no tar packed by gzip"),
                Arguments.of("empty", tarball(new byte[0]), 400, "no tar packed by gzip"),
                Arguments.of("no tar", tarball(ArchiveFixture.gzip(new byte[600])), 400, "package.json"),
                Arguments.of(
                        "cut", tarball(cut(ArchiveFixture.tgz(Map.of("package/package.json", json)))), 400, "gzip"),
                Arguments.of(
                        "no package.json", tarball(ArchiveFixture.tgz(Map.of("package/x", ""))), 400, "package.json"),
                Arguments.of(
                        "no JSON",
                        tarball(ArchiveFixture.tgz(Map.of("package/package.json", "{"))),
                        400,
                        "no JSON object"),
                Arguments.of(
                        "private",
                        tarball(ArchiveFixture.tgz(Map.of(
                                "package/package.json", "{\"name\":\"oar\",\"version\":\"1.0.0\",\"private\":true}"))),
                        400,
                        "private"),
                Arguments.of(
                        "another name",
                        tarball(ArchiveFixture.tgz(
                                Map.of("package/package.json", "{\"name\":\"mast\",\"version\":\"1.0.0\"}"))),
                        400,
                        "differ in name"),
                Arguments.of(
                        "another version",
                        tarball(ArchiveFixture.tgz(
                                Map.of("package/package.json", "{\"name\":\"oar\",\"version\":\"1.0.1\"}"))),
                        400,
                        "differ in version"),
                Arguments.of(
                        "a path that leads out",
                        PublishRequestFixture.of("oar", "1.0.0", Map.of("package/../../x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "an absolute path",
                        PublishRequestFixture.of("oar", "1.0.0", Map.of("/etc/x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "a symbolic link",
                        tarball(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/package.json"), json);
                            var link = new TarArchiveEntry("package/x", TarConstants.LF_SYMLINK);
                            link.setLinkName("/etc/passwd");
                            ArchiveFixture.put(tar, link, "");
                        }))),
                        400,
                        "link"),
                Arguments.of(
                        "the same path twice",
                        tarball(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/package.json"), json);
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/x"), "1");
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/x"), "2");
                        }))),
                        400,
                        "twice"),
                Arguments.of(
                        "a bomb",
                        tarball(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/package.json"), json);
                            ArchiveFixture.put(tar, new TarArchiveEntry("package/x"), "0".repeat(40 << 20));
                        }))),
                        400,
                        "too much"));
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length / 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"contradictions", "tarballs"})
    void inconsistentDocumentIsRefusedAndNothingIsStored(
            String what, PublishRequestFixture sending, int status, String part) {
        refused(put("oar", sending.body()), status, part);
        assertEquals(0, kept(), what);
    }

    @ParameterizedTest
    @MethodSource("names")
    void unsafeNameOfANewPackageIsRefused(String name, String part) {
        refused(put(PublishRequestFixture.of(name, "1.0.0")), 400, part);
        assertEquals(0, kept());
    }

    static Stream<String> noNames() {
        return Stream.of("node_modules", "favicon.ico", "__proto__", ".oar", "..%2f..%2fetc", "o".repeat(215));
    }

    @ParameterizedTest
    @MethodSource("noNames")
    void invalidNameIsNotFound(String name) {
        var answer = put(name, PublishRequestFixture.of("oar", "1.0.0").body());
        assertTrue(Set.of(400, 404).contains(answer.statusCode()), answer.asString());
        answer.then().body("error", containsString(cache.name() + "/npm/"));
        assertEquals(0, kept());
    }

    @Test
    void constructorIsAValidName() {
        put(PublishRequestFixture.of("constructor", "1.0.0")).then().statusCode(201);
        given().get(at("constructor")).then().statusCode(200).body("name", equalTo("constructor"));
    }

    @Test
    void similarNameIsRefusedUnlessScoped() {
        put(PublishRequestFixture.of("long-oar", "1.0.0")).then().statusCode(201);
        for (var name : List.of("longoar", "long_oar", "long.oar")) {
            refused(put(PublishRequestFixture.of(name, "1.0.0")), 403, "too similar to existing package “long-oar”");
        }
        put(PublishRequestFixture.of("@boat/longoar", "1.0.0")).then().statusCode(201);
        put(PublishRequestFixture.of("long-oar", "1.0.1")).then().statusCode(201);
    }

    @Test
    void malformedDocumentIsRefused() {
        var good = PublishRequestFixture.of("oar", "1.0.0").body();
        for (var body : List.of(
                "",
                "[]",
                "null",
                "{",
                good.substring(0, good.length() - 1),
                good + "{}",
                good.replaceFirst("\\{", "{\"name\":\"mast\","),
                "[".repeat(5000),
                "{\"_attachments\":[]}",
                "{\"_attachments\":{\"a\":1}}",
                "{\"versions\":" + "[".repeat(200) + "]".repeat(200) + "}")) {
            refused(put("oar", body), 400, "document");
        }
        refused(put("oar", "{\"x\":\"" + "y".repeat(17 << 20) + "\"}"), 413, "bytes");
        as(token)
                .header("Content-Encoding", "gzip")
                .body(good)
                .put(at("oar"))
                .then()
                .statusCode(415);
        assertEquals(0, kept());
    }

    @Test
    void fullCacheAcceptsNothing() {
        people.run("update cache set quota_bytes = 300 where id = " + cache.id());
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(413).body("error", containsString("quota"));
        assertEquals(0, kept());
    }
}
