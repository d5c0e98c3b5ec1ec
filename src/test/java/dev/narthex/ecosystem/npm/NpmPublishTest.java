package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.DecoderConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Publishes are accepted completely, or refused with one sentence and no effect. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmPublishTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    @Inject
    AccessFixture people;

    private Cache cache;
    private long publisher;
    private String token;

    @BeforeEach
    void aCache() {
        cache = people.cache("shipyard-" + NUMBERS.incrementAndGet(), true);
        publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        token = people.token(publisher);
    }

    private String at(String path) {
        return "/registry/" + cache.name() + "/npm/" + path;
    }

    private static RequestSpecification as(String token) {
        return given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + token)
                .contentType("application/json");
    }

    private Response put(PublishRequestFixture sending) {
        return put(sending.name.replace("/", "%2f"), sending.body());
    }

    private Response put(String name, String body) {
        return as(token).body(body).put(at(name));
    }

    private long count(String from) {
        return people.number("select count(*) from " + from);
    }

    private long kept() {
        return count("path where cache_id = " + cache.id()) + count("package where cache_id = " + cache.id());
    }

    private void refused(Response answer, int status, String part) {
        answer.then()
                .statusCode(status)
                .contentType(startsWith("application/json"))
                .body("error", containsString(part))
                .header("Cache-Control", equalTo("no-store"));
    }

    /** Both formats are the same without Accept-Encoding, from the resource method and from the cache. */
    @Test
    void unchangedAbbreviatedPackumentIsAnsweredWith304() {
        put(PublishRequestFixture.of("hatch", "1.0.0", Map.of("package/README.md", "A hatch. ".repeat(300))));
        var plainly =
                RestAssured.config().decoderConfig(DecoderConfig.decoderConfig().noContentDecoders());
        var packed = given().config(plainly).header("Accept-Encoding", "gzip").get(at("hatch"));
        assertEquals("gzip", packed.header("Content-Encoding"));
        for (int i = 0; i < 3; i++) {
            var kept = given().config(plainly)
                    .header("If-None-Match", packed.header("ETag"))
                    .get(at("hatch"));
            assertEquals(304, kept.statusCode());
            assertEquals(packed.header("ETag"), kept.header("ETag"));
            given().config(plainly)
                    .header("Accept-Encoding", "identity")
                    .header("If-None-Match", packed.header("ETag"))
                    .get(at("hatch"))
                    .then()
                    .statusCode(200);
            given().config(plainly).get(at("hatch")).then().statusCode(200).header("Content-Encoding", nullValue());
        }
    }

    @Test
    void aVersionIsServedAsItWasSent() {
        var sending = PublishRequestFixture.of("@boat/oar", "1.0.0", Map.of("package/README.md", "# Oar\n"));
        put(sending).then().statusCode(201).body("success", equalTo(true));
        var packument = given().urlEncodingEnabled(false).get(at("@boat%2foar"));
        packument
                .then()
                .statusCode(200)
                .body("dist-tags.latest", equalTo("1.0.0"))
                .body("versions.'1.0.0'.dependencies.mast", equalTo("^1.0.0"))
                .body(
                        "versions.'1.0.0'.dist.integrity",
                        equalTo(sending.manifest()
                                .path("dist")
                                .path("integrity")
                                .asText()))
                .body("readme", equalTo("# Oar\n"));
        assertArrayEquals(
                sending.tarball,
                given().get(at("@boat/oar/-/oar-1.0.0.tgz"))
                        .then()
                        .statusCode(200)
                        .extract()
                        .asByteArray());
        assertEquals(1, count("package where owned and normalised = '@boat/oar' and cache_id = " + cache.id()));
        assertEquals(
                List.of("person:" + publisher),
                people.column("select regexp_replace(actor, ':[^:]*$', '') from audit where cache_id = " + cache.id()
                        + " and action = 'publish' and allowed and object = 'npm @boat/oar@1.0.0'"));
    }

    /** As a fetcher of nixpkgs would name it, by either digest, and nix takes it without a signature. */
    @Test
    void aTarballHasTwoStorePathsOnTheSameBytesAndCountsOnce() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        put(sending).then().statusCode(201);
        for (var algorithm : List.of(HashAlgorithm.SHA512, HashAlgorithm.SHA256)) {
            var address = new ContentAddress.Fixed(
                    false, NixHash.of(algorithm, algorithm.newDigest().digest(sending.tarball)));
            given().get("/" + cache.name() + "/"
                            + address.storePath("oar-1.0.0.tgz").hash() + ".narinfo")
                    .then()
                    .statusCode(200)
                    .body(containsString("CA: " + address));
        }
        assertEquals(2, count("path where origin = 'published' and cache_id = " + cache.id()));
        assertEquals(1, count("(select distinct nar_id from path where cache_id = " + cache.id() + ") n"));
        long bytes = people.number("select bytes from cache_usage where cache_id = " + cache.id());
        assertEquals(112 + (sending.tarball.length + 7) / 8 * 8, bytes);
    }

    @Test
    void theSameAgainChangesNothingAndOtherBytesAreRefused() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        put(sending).then().statusCode(201);
        put(sending).then().statusCode(200).body("success", equalTo(true));
        assertEquals(2, count("path where cache_id = " + cache.id()));
        var other = PublishRequestFixture.of("oar", "1.0.0", Map.of("package/more.js", "1"));
        refused(put(other), 403, "You cannot publish over the previously published versions: 1.0.0.");
        assertEquals(2, count("path where cache_id = " + cache.id()));
        assertArrayEquals(
                sending.tarball, given().get(at("oar/-/oar-1.0.0.tgz")).asByteArray());
    }

    @Test
    void aRemovedVersionComesBackWithTheSameBytesOnly() {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        var digest = NixHash.sha256(sending.tarball).hex();
        people.run("insert into tombstone (cache_id, ecosystem, normalised, version, filename, sha256) values ("
                + cache.id()
                + ", 'npm', 'oar', '1.0.0', 'oar-1.0.0.tgz', '\\x" + digest + "'), (" + cache.id()
                + ", 'npm', 'oar', '1.0.0', '', null)");
        refused(
                put(PublishRequestFixture.of("oar", "1.0.0", Map.of("package/more.js", "1"))),
                403,
                "This version was removed");
        assertEquals(0, kept());
        put(sending).then().statusCode(201);
        given().get(at("oar")).then().statusCode(200).body("versions.keySet()", equalTo(Set.of("1.0.0")));
    }

    /** By the key that the registry names; another cache has another one. */
    @Test
    void aVersionIsSignedAndTheSameEachTime() throws Exception {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        var manifest = given().get(at("oar/1.0.0"));
        String text = "oar@1.0.0:" + manifest.path("dist.integrity");
        String signature = manifest.path("dist.signatures[0].sig");
        var keys = given().get(at("-/npm/v1/keys"));
        keys.then()
                .statusCode(200)
                .body("keys.size()", equalTo(1))
                .body("keys[0].keytype", equalTo("ecdsa-sha2-nistp256"))
                .body("keys[0].expires", equalTo(null))
                .body("keys[0].keyid", equalTo(manifest.path("dist.signatures[0].keyid")));
        var verifier = Signature.getInstance("SHA256withECDSA");
        verifier.initVerify(KeyFactory.getInstance("EC")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(keys.<String>path("keys[0].key")))));
        verifier.update(text.getBytes(StandardCharsets.UTF_8));
        assertTrue(verifier.verify(Base64.getDecoder().decode(signature)));
        put(PublishRequestFixture.of("oar", "1.0.1")).then().statusCode(201);
        assertEquals(signature, given().get(at("oar")).path("versions.'1.0.0'.dist.signatures[0].sig"));
        var other = people.cache("shipyard-" + NUMBERS.incrementAndGet(), true);
        given().get("/registry/" + other.name() + "/npm/-/npm/v1/keys")
                .then()
                .body("keys[0].key", not(equalTo(keys.<String>path("keys[0].key"))));
    }

    @Test
    void aTagOtherThanLatestIsKept() {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        put(PublishRequestFixture.of("oar", "2.0.0-rc.1").with(d -> {
                    ((ObjectNode) d.get("dist-tags")).remove("latest");
                    ((ObjectNode) d.get("dist-tags")).put("next", "2.0.0-rc.1");
                }))
                .then()
                .statusCode(201);
        given().get(at("-/package/oar/dist-tags"))
                .then()
                .body("latest", equalTo("1.0.0"))
                .body("next", equalTo("2.0.0-rc.1"));
    }

    /** Names, digests and manifests that say otherwise than the tarball. */
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

    private static PublishRequestFixture of(java.util.function.Consumer<ObjectNode> change) {
        return PublishRequestFixture.of("oar", "1.0.0").with(change);
    }

    private static PublishRequestFixture manifest(java.util.function.Consumer<ObjectNode> change) {
        return PublishRequestFixture.of("oar", "1.0.0").withManifest(change);
    }

    private static PublishRequestFixture attachment(java.util.function.Consumer<ObjectNode> change) {
        var sending = PublishRequestFixture.of("oar", "1.0.0");
        change.accept(sending.attachment());
        return sending;
    }

    /** Tarballs that are none, or would hurt who unpacks them. */
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

    private static PublishRequestFixture tarball(byte[] bytes) {
        return PublishRequestFixture.of("oar", "1.0.0", bytes);
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length / 2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"contradictions", "tarballs"})
    void whatIsNotTrueIsRefusedAndNothingIsKept(String what, PublishRequestFixture sending, int status, String part) {
        refused(put("oar", sending.body()), status, part);
        assertEquals(0, kept(), what);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                Arguments.of("Oar", "lower case"),
                Arguments.of("@Boat/oar", "lower case"),
                Arguments.of("oar~", "a-z"),
                Arguments.of("@_boat/oar", "a-z"),
                Arguments.of("fs", "module of Node"));
    }

    @ParameterizedTest
    @MethodSource("names")
    void aNewPackageHasANameThatIsSafe(String name, String part) {
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
    void constructorIsAName() {
        put(PublishRequestFixture.of("constructor", "1.0.0")).then().statusCode(201);
        given().get(at("constructor")).then().statusCode(200).body("name", equalTo("constructor"));
    }

    @Test
    void aNewNameThatLooksLikeAnotherIsRefusedUnlessItHasAScope() {
        put(PublishRequestFixture.of("long-oar", "1.0.0")).then().statusCode(201);
        for (var name : List.of("longoar", "long_oar", "long.oar")) {
            refused(put(PublishRequestFixture.of(name, "1.0.0")), 403, "too similar to existing package “long-oar”");
        }
        put(PublishRequestFixture.of("@boat/longoar", "1.0.0")).then().statusCode(201);
        put(PublishRequestFixture.of("long-oar", "1.0.1")).then().statusCode(201);
    }

    @Test
    void aDocumentThatIsNoneIsRefused() {
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
    void metadataMayComeAfterTheTarball() {
        var sending = PublishRequestFixture.of("oar", "1.0.0").with(d -> {
            var attachments = d.remove("_attachments");
            var rest = d.deepCopy();
            d.removeAll();
            d.set("_attachments", attachments);
            d.setAll(rest);
        });
        assertTrue(sending.body().startsWith("{\"_attachments\""), "the tarball stands first");
        put(sending).then().statusCode(201);
    }

    @Test
    void publishNeedsPermissionForThePackage() {
        var body = PublishRequestFixture.of("@boat/oar", "1.0.0").body();
        var reader = people.person(false);
        people.member(cache, reader, Role.READER);
        var all = List.of(NamePattern.ALL);
        var here = List.of(new NamePattern(cache.name()));
        var publishing = Set.of(Action.PUBLISH);
        var refusedTokens = List.of(
                people.token(reader),
                people.token(people.person(false)),
                scoped(new Scope(false, here, all, List.of(new NamePattern("@ship/*")), publishing)),
                scoped(new Scope(false, here, List.of(new NamePattern("pypi")), all, publishing)),
                scoped(new Scope(false, List.of(new NamePattern("elsewhere")), all, all, publishing)),
                scoped(new Scope(false, here, all, all, Set.of(Action.PUSH))));
        for (var refused : refusedTokens) {
            as(refused).body(body).put(at("@boat%2foar")).then().statusCode(403);
        }
        given().urlEncodingEnabled(false)
                .body(body)
                .put(at("@boat%2foar"))
                .then()
                .statusCode(401);
        as("nrx_wrong").body(body).put(at("@boat%2foar")).then().statusCode(401);
        assertEquals(0, kept());
        as(scoped(new Scope(
                        false, here, List.of(new NamePattern("npm")), List.of(new NamePattern("@boat/*")), publishing)))
                .body(body)
                .put(at("@boat%2foar"))
                .then()
                .statusCode(201);
    }

    private String scoped(Scope scope) {
        return people.token(Optional.of(publisher), scope);
    }

    @Test
    void aCacheThatIsFullTakesNothing() {
        people.run("update cache set quota_bytes = 300 where id = " + cache.id());
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(413).body("error", containsString("quota"));
        assertEquals(0, kept());
    }

    @Test
    void concurrentPublishOfAVersionSucceedsOnce() throws Exception {
        var calls = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 6; i++) {
            var sending = PublishRequestFixture.of("oar", "1.0.0", Map.of("package/me.js", "module.exports = " + i));
            calls.add(() -> put(sending).statusCode());
        }
        var statuses = together(calls);
        assertEquals(1, statuses.stream().filter(s -> s == 201).count(), statuses.toString());
        assertEquals(5, statuses.stream().filter(s -> s == 403).count(), statuses.toString());
        assertEquals(2, count("path where cache_id = " + cache.id()), "of those that lost nothing is kept");
    }

    @Test
    void concurrentPublishesOfVersionsAllSucceed() throws Exception {
        var calls = IntStream.range(0, 16)
                .mapToObj(i -> PublishRequestFixture.of("oar", "1.0." + i))
                .<Callable<Integer>>map(sending -> () -> put(sending).statusCode())
                .toList();
        assertEquals(List.of(201), together(calls).stream().distinct().toList());
        var packument = given().get(at("oar"));
        assertEquals(16, packument.<Map<String, Object>>path("versions").size());
        assertEquals(16, count("release r join package p on p.id = r.package_id where p.cache_id = " + cache.id()));
    }

    @Test
    void concurrentSimilarNamesSucceedOnce() throws Exception {
        var calls = Stream.of("row-boat", "row_boat", "rowboat", "row.boat")
                .map(name -> PublishRequestFixture.of(name, "1.0.0"))
                .<Callable<Integer>>map(sending -> () -> put(sending).statusCode())
                .toList();
        var statuses = together(calls).stream().sorted().toList();
        assertEquals(List.of(201, 403, 403, 403), statuses);
    }

    @Test
    void provenanceIsServedAndShown(@TempDir Path scratch) throws Exception {
        var sending = PublishRequestFixture.of("@boat/oar", "1.0.0");
        var bundle = SigstoreBundleFixture.make(scratch)
                .bundle(SigstoreBundleFixture.statement(sending))
                .toString();
        put(SigstoreBundleFixture.with(sending, bundle)).then().statusCode(201);
        put(PublishRequestFixture.of("@boat/oar", "1.0.0")).then().statusCode(200);
        var dist = given().urlEncodingEnabled(false).get(at("@boat%2foar")).jsonPath();
        assertEquals(
                SigstoreBundleFixture.V1,
                dist.getString("versions.'1.0.0'.dist.attestations.provenance.predicateType"));
        var url = URI.create(dist.getString("versions.'1.0.0'.dist.attestations.url"));
        assertEquals(at("-/npm/v1/attestations/@boat/oar@1.0.0"), url.getPath());
        var answer = given().urlEncodingEnabled(false).get(url.getPath());
        answer.then()
                .statusCode(200)
                .body("attestations.size()", equalTo(1))
                .body("attestations[0].predicateType", equalTo(SigstoreBundleFixture.V1));
        assertTrue(answer.asString().contains("\"bundle\":" + bundle), answer.asString());
        given().urlEncodingEnabled(false)
                .get("/" + cache.name() + "/npm/@boat/oar@1.0.0")
                .then()
                .statusCode(200)
                .body(containsString("<a href=\"https://forge.example/boat/oar\""))
                .body(containsString("4b825dc642cb6eb9a060e54bf8d69288fbee4904"))
                .body(containsString(SigstoreBundleFixture.SIGNER));
    }

    @Test
    void packageWithoutProvenanceHasNone() {
        put(PublishRequestFixture.of("oar", "1.0.0")).then().statusCode(201);
        assertNull(given().get(at("oar/1.0.0")).path("dist.attestations"));
        for (var subject : List.of("oar@1.0.0", "oar@2.0.0", "mast@1.0.0", "oar", "@", "")) {
            refused(given().get(at("-/npm/v1/attestations/" + subject)), 404, "");
        }
    }

    @Test
    void aProvenanceThatIsNotOneIsRefused(@TempDir Path scratch) throws Exception {
        var builder = SigstoreBundleFixture.make(scratch);
        Consumer<ObjectNode> asIs = json -> {};
        Consumer<ObjectNode> otherFile = s -> ((ObjectNode) s.at("/subject/0/digest")).put("sha512", "00");
        Consumer<ObjectNode> otherName = s -> ((ObjectNode) s.at("/subject/0")).put("name", "pkg:npm/mast@1.0.0");
        Consumer<ObjectNode> two = s -> ((ArrayNode) s.path("subject")).addObject();
        Consumer<ObjectNode> otherKind = s -> s.put("predicateType", "https://forge.example/gossip/v1");
        Consumer<ObjectNode> otherPayload = b -> ((ObjectNode) b.path("dsseEnvelope"))
                .put(
                        "payload",
                        Base64.getEncoder()
                                .encodeToString(
                                        SigstoreBundleFixture.statement(PublishRequestFixture.of("oar", "1.0.0"))
                                                .put("more", 1)
                                                .toString()
                                                .getBytes(StandardCharsets.UTF_8)));
        Consumer<ObjectNode> noLog = b -> ((ObjectNode) b.path("verificationMaterial")).putArray("tlogEntries");
        Consumer<ObjectNode> noCertificate = b -> ((ObjectNode) b.path("verificationMaterial")).remove("certificate");
        Consumer<ObjectNode> otherMedia = b -> b.put("mediaType", "text/plain");
        Consumer<ObjectNode> otherEnvelope =
                b -> ((ObjectNode) b.path("dsseEnvelope")).put("payloadType", "text/plain");
        Consumer<ObjectNode> unsigned = b -> ((ObjectNode) b.path("dsseEnvelope")).putArray("signatures");
        var cases = List.of(
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherFile, asIs), "another file"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherName, asIs), "pkg:npm/oar@1.0.0"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), two, asIs), "one file"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), otherKind, asIs), "SLSA"),
                Map.entry(
                        builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherPayload),
                        "not signed by the key"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, noLog), "transparency log"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, noCertificate), "certificate"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherMedia), "bundle"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, otherEnvelope), "payload"),
                Map.entry(builder.with(PublishRequestFixture.of("oar", "1.0.0"), asIs, unsigned), "one signature"),
                Map.entry(SigstoreBundleFixture.with(PublishRequestFixture.of("oar", "1.0.0"), "[]"), "no JSON object"),
                Map.entry(
                        SigstoreBundleFixture.with(
                                PublishRequestFixture.of("oar", "1.0.0"), "{" + "\"a\":[".repeat(80)),
                        "no JSON object"),
                Map.entry(
                        SigstoreBundleFixture.with(
                                PublishRequestFixture.of("oar", "1.0.0"), "{}" + " ".repeat(1 << 20)),
                        "more than"));
        for (var entry : cases) {
            refused(put(entry.getKey()), 400, entry.getValue());
        }
        assertEquals(0, kept());
    }

    private static List<Integer> together(List<Callable<Integer>> calls) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var results = new ArrayList<Integer>();
            for (var future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        }
    }
}
