package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.TestDatabase;
import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.SigningKeyFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads are accepted completely, or refused with one sentence and no effect. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiUploadTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String JSON = "application/vnd.pypi.simple.v1+json";

    @Inject
    AccessFixture people;

    private Cache cache;
    private long publisher;
    private String token;

    @BeforeEach
    void aCache() {
        cache = people.cache("wharf-" + NUMBERS.incrementAndGet(), true);
        publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        token = people.token(publisher);
    }

    private String at(String path) {
        return "/registry/" + cache.name() + "/pypi/" + path;
    }

    private static RequestSpecification as(String secret) {
        var plain = RestAssured.config()
                .encoderConfig(EncoderConfig.encoderConfig()
                        .encodeContentTypeAs("multipart/form-data", ContentType.BINARY)
                        .appendDefaultContentCharsetToContentTypeIfUndefined(false));
        var request = given().config(plain)
                .urlEncodingEnabled(false)
                .header("Content-Type", "multipart/form-data; boundary=" + UploadFormFixture.BOUNDARY);
        return secret.isEmpty() ? request : request.auth().preemptive().basic("__token__", secret);
    }

    private Response post(UploadFormFixture upload) {
        return post(upload.body());
    }

    private Response post(byte[] body) {
        return as(token).body(body).post(at("legacy/"));
    }

    private Response page(String project) {
        return given().accept(JSON).get(at("simple/" + project + "/"));
    }

    private List<String> files(String project) {
        return page(project).then().statusCode(200).extract().path("files.filename");
    }

    private byte[] fetched(String project, String filename) {
        String url = page(project).path("files.find { it.filename == '" + filename + "' }.url");
        var address = URI.create(at("simple/" + project + "/")).resolve(url);
        return given().urlEncodingEnabled(false).get(address.getRawPath()).asByteArray();
    }

    private long count(String from) {
        return people.number("select count(*) from " + from);
    }

    private long kept() {
        return count("path where cache_id = " + cache.id()) + count("package where cache_id = " + cache.id());
    }

    /** In the status line, which is all that most clients show, and in the body. */
    private static void refused(Response answer, int status, String part) {
        answer.then()
                .statusCode(status)
                .statusLine(containsString(part))
                .contentType(startsWith("text/plain"))
                .header("X-Content-Type-Options", equalTo("nosniff"))
                .header("Cache-Control", equalTo("no-store"));
        assertTrue(answer.asString().contains(part), answer.asString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"legacy/", "legacy", ""})
    void aFileIsServedAsItWasSent(String address) {
        var upload = UploadFormFixture.wheel(
                "Nx_Oar", "1.0", "Requires-Dist: mast (>=1.0)\nRequires-Python: >=3.9\n", Map.of());
        as(token).body(upload.body()).post(at(address)).then().statusCode(200).body(equalTo(""));
        page("nx-oar")
                .then()
                .statusCode(200)
                .body("name", equalTo("nx-oar"))
                .body("versions", equalTo(List.of("1.0")))
                .body(
                        "files[0].hashes.sha256",
                        equalTo(NixHash.sha256(upload.file).hex()))
                .body("files[0].requires-python", equalTo(">=3.9"))
                .body("files[0].size", equalTo(upload.file.length))
                .body(
                        "files[0].'core-metadata'.sha256",
                        equalTo(NixHash.sha256(metadata(upload)).hex()));
        assertArrayEquals(upload.file, fetched("nx-oar", upload.filename));
        given().get("/" + cache.name() + "/pypi/nx-oar")
                .then()
                .statusCode(200)
                .body(containsString("Nx_Oar"))
                .body(containsString("mast"));
        assertEquals(1, count("package where owned and normalised = 'nx-oar' and cache_id = " + cache.id()));
        assertEquals(
                List.of("person:" + publisher),
                people.column("select regexp_replace(actor, ':[^:]*$', '') from audit where cache_id = " + cache.id()
                        + " and action = 'publish' and allowed and object = 'pypi Nx_Oar@1.0'"));
    }

    private static byte[] metadata(UploadFormFixture upload) {
        return ("Metadata-Version: 2.4\nName: Nx_Oar\nVersion: 1.0\nRequires-Dist: mast (>=1.0)\nRequires-Python: >=3.9\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Field by field as other tools than twine send it. */
    static Stream<Arguments> spellings() {
        var file = ArchiveFixture.wheel("Nx_Oar", "1.0", "");
        var name = "Nx_Oar-1.0-py3-none-any.whl";
        var sdist = UploadFormFixture.sdist("nx_oar", "1.0");
        return Stream.of(
                Arguments.of(
                        "flit",
                        UploadFormFixture.empty(name, file)
                                .field(":action", "file_upload")
                                .field("name", "Nx_Oar")
                                .field("version", "1.0")
                                .field("metadata_version", "2.4")
                                .field("protocol_version", "1")
                                .field("provides", "nx_oar")
                                .field("filetype", "bdist_wheel")
                                .field("pyversion", "py3")
                                .field("md5_digest", UploadFormFixture.md5(file))
                                .field("sha256_digest", NixHash.sha256(file).hex())
                                .untyped(name, file)),
                Arguments.of(
                        "flit, source",
                        UploadFormFixture.empty(sdist.filename, sdist.file)
                                .field(":action", "file_upload")
                                .field("name", "nx_oar")
                                .field("version", "1.0")
                                .field("filetype", "sdist")
                                .field(
                                        "sha256_digest",
                                        NixHash.sha256(sdist.file).hex().toUpperCase(java.util.Locale.ROOT))
                                .untyped(sdist.filename, sdist.file)),
                Arguments.of(
                        "pdm",
                        UploadFormFixture.empty(name, file)
                                .field("name", "Nx_Oar")
                                .field("version", "1.0")
                                .field("home_page", "")
                                .field("provides_extras", "big")
                                .field("gpg_signature", "")
                                .field("keywords", "a,b")
                                .field("filetype", "bdist_wheel")
                                .field("pyversion", "py3")
                                .field("sha256_digest", NixHash.sha256(file).hex())
                                .field("attestations", "")
                                .field(":action", "file_upload")
                                .field("protocol_version", "1")
                                .file(name, file)),
                Arguments.of(
                        "the file first, nothing but name and version, without digests",
                        UploadFormFixture.empty(name, file)
                                .file(name, file)
                                .field("name", "nx.oar")
                                .field("version", "1.0.0")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("spellings")
    void everyToolsSpellingIsTaken(String tool, UploadFormFixture upload) {
        post(upload).then().statusCode(200);
        assertEquals(List.of(upload.filename), files("nx-oar"), tool);
    }

    /** As a fetcher of nixpkgs would name it, by either digest, and nix takes it without a signature. */
    @Test
    void aFileHasTwoStorePathsOnTheSameBytesAndCountsOnce() {
        var upload = UploadFormFixture.wheel("oar", "1.0");
        post(upload).then().statusCode(200);
        for (var algorithm : List.of(HashAlgorithm.SHA256, HashAlgorithm.SHA512)) {
            var address = new ContentAddress.Fixed(
                    false, NixHash.of(algorithm, algorithm.newDigest().digest(upload.file)));
            given().get("/" + cache.name() + "/"
                            + address.storePath(upload.filename).hash() + ".narinfo")
                    .then()
                    .statusCode(200)
                    .body(containsString("CA: " + address));
        }
        assertEquals(2, count("path where origin = 'published' and cache_id = " + cache.id()));
        assertEquals(1, count("(select distinct nar_id from path where cache_id = " + cache.id() + ") n"));
        var first = new ContentAddress.Fixed(false, NixHash.sha256(upload.file));
        assertEquals(
                List.of(first.storePath(upload.filename).hash()),
                people.column("select s.hash_part from artifact a join path s on s.id = a.path_id where s.cache_id = "
                        + cache.id()));
    }

    @Test
    void anEpochIsNoPartOfAStorePathsName() {
        var upload = UploadFormFixture.wheel("oar", "1!2.0");
        post(upload).then().statusCode(200);
        assertArrayEquals(upload.file, fetched("oar", upload.filename));
        var address = new ContentAddress.Fixed(false, NixHash.sha256(upload.file));
        given().get("/" + cache.name() + "/"
                        + address.storePath("oar-1-2.0-py3-none-any.whl").hash() + ".narinfo")
                .then()
                .statusCode(200);
    }

    @Test
    void theSameAgainChangesNothingAndOtherBytesAreRefused() {
        var upload = UploadFormFixture.wheel("oar", "1.0");
        post(upload).then().statusCode(200);
        post(upload).then().statusCode(200).body(equalTo(""));
        assertEquals(2, count("path where cache_id = " + cache.id()));
        var other = UploadFormFixture.wheel("oar", "1.0", "Summary: other\n", Map.of());
        refused(
                post(other),
                400,
                "File already exists ('oar-1.0-py3-none-any.whl', with sha256 hash '"
                        + NixHash.sha256(upload.file).hex() + "')");
        assertEquals(2, count("path where cache_id = " + cache.id()));
        assertArrayEquals(upload.file, fetched("oar", upload.filename));
        post(upload).then().statusCode(200);
    }

    /** The file name uses the project's name for any spelling of the version. */
    @Test
    void aVersionInAnotherSpellingDoesNotTakeTheName() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        var other = ArchiveFixture.wheel("oar", "1.0.0", "");
        refused(
                post(UploadFormFixture.of("oar", "1.0.0", "oar-1.0-py3-none-any.whl", other)),
                400,
                "File already exists");
    }

    @Test
    void aNameThatWasDeletedComesBackWithTheSameBytesOnly() {
        var upload = UploadFormFixture.wheel("oar", "1.0");
        var digest = NixHash.sha256(upload.file).hex();
        people.run("insert into tombstone (cache_id, ecosystem, normalised, version, filename, sha256) values ("
                + cache.id() + ", 'pypi', 'oar', '1.0', '" + upload.filename + "', '\\x" + digest + "'), (" + cache.id()
                + ", 'pypi', 'oar', '1.0', '', null)");
        var answer = post(UploadFormFixture.wheel("oar", "1.0", "Summary: other\n", Map.of()));
        refused(answer, 400, "This filename has previously been used, you should use a different version");
        answer.then().statusLine(containsString("already exist"));
        assertEquals(0, kept());
        post(upload).then().statusCode(200);
        assertEquals(List.of(upload.filename), files("oar"));
    }

    @Test
    void aReleaseHasManyWheelsAndOneSourceDistribution() {
        var names = List.of(
                "oar-1.0-cp313-cp313-manylinux2014_x86_64.whl",
                "oar-1.0-cp313-cp313-macosx_11_0_arm64.whl",
                "oar-1.0-1-py3-none-any.whl",
                "oar-1.0-py3-none-any.whl");
        for (var name : names) {
            post(UploadFormFixture.of(
                            "oar", "1.0", name, ArchiveFixture.wheel("oar", "1.0", "", Map.of("oar/tags.py", name))))
                    .then()
                    .statusCode(200);
        }
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(200);
        refused(
                post(UploadFormFixture.of(
                        "oar",
                        "1.0",
                        "Oar-1.0.tar.gz",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/x", "")).file)),
                400,
                "Only one sdist may be uploaded per release.");
        assertEquals(5, files("oar").size());
        assertTrue(files("oar").containsAll(names), files("oar").toString());
        assertEquals(1, count("release r join package p on p.id = r.package_id where p.cache_id = " + cache.id()));
        given().get(at("pypi/oar/json")).then().statusCode(200).body("urls.size()", equalTo(5));
    }

    @Test
    void nixpkgsFindsTheSourceWhereMirrorsHaveIt() {
        var upload = UploadFormFixture.sdist("nx_oar", "1.0");
        post(upload).then().statusCode(200);
        for (var name : List.of("nx_oar/nx_oar-1.0.tar.gz", "Nx.Oar/Nx.Oar-1.0.tar.gz")) {
            assertArrayEquals(
                    upload.file, given().get(at("packages/source/n/" + name)).asByteArray());
        }
    }

    @Test
    void flitsAddressOfAProjectLeadsToASearch() {
        given().redirects()
                .follow(false)
                .get("/project/Nx_Oar/")
                .then()
                .statusCode(303)
                .header("Location", equalTo("/search?ecosystem=pypi&q=nx-oar"));
    }

    // ── names ──

    @Test
    void spellingsOfOneNameAreOneProject() {
        post(UploadFormFixture.wheel("Nx_Oar.Set", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("nx_oar_set", "1.1").with("name", "nx-oar-set"))
                .then()
                .statusCode(200);
        assertEquals(
                List.of("Nx_Oar.Set-1.0-py3-none-any.whl", "nx_oar_set-1.1-py3-none-any.whl"), files("nx-oar-set"));
        assertEquals(List.of("Nx_Oar.Set"), people.column("select name from package where cache_id = " + cache.id()));
    }

    @Test
    void aNewNameThatLooksLikeAnotherIsRefused() {
        post(UploadFormFixture.wheel("tall_oar", "1.0")).then().statusCode(200);
        for (var name : List.of("talloar", "ta1l_oar", "tai1_0ar", "TALI.0AR")) {
            refused(
                    post(UploadFormFixture.wheel(name, "1.0")),
                    400,
                    "is too similar to an existing project, 'tall_oar'");
        }
        post(UploadFormFixture.wheel("tall_oars", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("Tall.Oar", "1.1")).then().statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "DistUtils", "__future__", "tomllib", "os_", "requirements.txt"})
    void aNewNameIsNoneOfPythonsOwn(String name) {
        refused(
                post(UploadFormFixture.wheel("oar", "1.0").with("name", name.replaceAll("^_+|_+$", ""))),
                400,
                "is not allowed");
        assertEquals(0, kept());
    }

    // ── what is not so ──

    /** Fields that say otherwise than the file, and files that say otherwise than their names. */
    static Stream<Arguments> contradictions() {
        var wheel = ArchiveFixture.wheel("oar", "1.0", "");
        return Stream.of(
                Arguments.of("no name", good().without("name"), 400, "invalid value for Name"),
                Arguments.of("a name that is none", good().with("name", "-oar"), 400, "'-oar' is an invalid value"),
                Arguments.of("two names", good().field("name", "mast"), 400, "field name more than once"),
                Arguments.of("another name", good().with("name", "mast"), 400, "must start with 'mast'"),
                Arguments.of("no version", good().without("version"), 400, "invalid value for Version"),
                Arguments.of("no such version", good().with("version", "one"), 400, "'one' is an invalid value"),
                Arguments.of(
                        "another version", good().with("version", "1.1"), 400, "Version in filename should be '1.1'"),
                Arguments.of("an action", good().with(":action", "doc_upload"), 400, "Unknown action"),
                Arguments.of("a protocol", good().with("protocol_version", "2"), 400, "Unknown protocol version."),
                Arguments.of("a type", good().with("filetype", "sdist"), 400, "Unknown type of file."),
                Arguments.of(
                        "sha256", good().with("sha256_digest", "0".repeat(64)), 400, "The digest supplied does not"),
                Arguments.of(
                        "blake2",
                        good().with("blake2_256_digest", "0".repeat(64)),
                        400,
                        "The digest supplied does not"),
                Arguments.of("md5", good().with("md5_digest", "no"), 400, "The digest supplied does not"),
                Arguments.of("no file", good().without("content"), 400, "Upload payload does not have a file."),
                Arguments.of(
                        "a field in place of the file",
                        good().without("content").field("content", "x"),
                        400,
                        "Upload payload does not have a file."),
                Arguments.of("two files", good().file("oar-1.0.tar.gz", wheel), 400, "more than one file"),
                Arguments.of("a slash", good().named("a/oar-1.0-py3-none-any.whl"), 400, "'/' or '\\' in the name"),
                Arguments.of("a backslash", good().named("..\\oar-1.0-py3-none-any.whl"), 400, "in the name"),
                Arguments.of("an exe", good().named("oar-1.0.exe"), 400, "Invalid file extension"),
                Arguments.of("a zip", good().named("oar-1.0.zip"), 400, "Invalid file extension"),
                Arguments.of("no tags", good().named("oar-1.0.whl"), 400, "Invalid wheel filename"),
                Arguments.of(
                        "too many tags", good().named("oar-1.0-b1-py3-none-any.whl"), 400, "Invalid wheel filename"),
                Arguments.of("a quote", good().named("oar-1.0-py3-none-any'.whl"), 400, "Invalid wheel filename"),
                Arguments.of("no version in the name", good().named("oar-.tar.gz"), 400, "filename"),
                Arguments.of(
                        "another project's name", good().named("oars-1.0-py3-none-any.whl"), 400, "must start with"),
                Arguments.of(
                        "another version in the name", good().named("oar-1.1-py3-none-any.whl"), 400, "Version in"),
                Arguments.of(
                        "metadata of another project",
                        UploadFormFixture.of(
                                "oar", "1.0", "oar-1.0-py3-none-any.whl", ArchiveFixture.wheel("mast", "1.0", "")),
                        400,
                        "Invalid distribution file."),
                Arguments.of(
                        "metadata of another version",
                        wheel(Map.of("oar-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: oar\nVersion: 1.1\n")),
                        400,
                        "Its metadata is of oar 1.1."),
                Arguments.of(
                        "metadata of two names",
                        wheel(Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nName: mast\nVersion: 1.0\n")),
                        400,
                        "not one name"),
                Arguments.of(
                        "metadata that are no text",
                        wheel(Map.of("oar-1.0.dist-info/METADATA", "Name: oar\nVersion: 1.0\n\0")),
                        400,
                        "not text"),
                Arguments.of(
                        "metadata that are too long",
                        wheel(Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n\n" + "y".repeat(1 << 20))),
                        400,
                        "METADATA that is too long"));
    }

    private static UploadFormFixture good() {
        return UploadFormFixture.wheel("oar", "1.0");
    }

    private static UploadFormFixture wheel(Map<String, String> files) {
        return UploadFormFixture.wheel("oar", "1.0", "", files);
    }

    private static UploadFormFixture wheel(byte[] bytes) {
        return UploadFormFixture.of("oar", "1.0", "oar-1.0-py3-none-any.whl", bytes);
    }

    /** Wheels that are none, or would hurt who installs them. */
    static Stream<Arguments> wheels() {
        var record = "oar-1.0.dist-info/RECORD";
        var whole = ArchiveFixture.wheel("oar", "1.0", "");
        return Stream.of(
                Arguments.of("no zip", wheel("hello".getBytes(StandardCharsets.UTF_8)), 400, "no zip"),
                Arguments.of("empty", wheel(new byte[0]), 400, "Invalid distribution file."),
                Arguments.of("cut", wheel(Arrays.copyOf(whole, whole.length / 2)), 400, "Invalid distribution file."),
                Arguments.of("a path that leads out", wheel(Map.of("../../x", "")), 400, "leads out"),
                Arguments.of("an absolute path", wheel(Map.of("/etc/x", "")), 400, "leads out"),
                Arguments.of("a drive", wheel(Map.of("C:\\x", "")), 400, "leads out"),
                Arguments.of("out of .data", wheel(Map.of("oar-1.0.data/data/../../y", "")), 400, "leads out"),
                Arguments.of("a folder of .data", wheel(Map.of("oar-1.0.data/evil/y", "")), 400, ".data has no such"),
                Arguments.of("no RECORD", wheel(zip(Map.of())), 400, "no RECORD"),
                Arguments.of("no METADATA", wheel(zip(Map.of("x", ""))), 400, "dist-info"),
                Arguments.of(
                        "two dist-info", wheel(Map.of("mast-1.0.dist-info/x", "")), 400, "more than one dist-info"),
                Arguments.of(
                        "a wrong hash",
                        wheel(Map.of(record, RECORD.replaceFirst("sha256=.", "sha256=_"))),
                        400,
                        "another hash or size"),
                Arguments.of("an unlisted file", wheel(Map.of(record, RECORD, "oar/x.py", "1")), 400, "does not list"),
                Arguments.of(
                        "a listed file that is not there",
                        wheel(Map.of(record, RECORD + "oar/x.py,sha256=" + "A".repeat(43) + ",1\n")),
                        400,
                        "which is not in it"),
                Arguments.of(
                        "a weak hash", wheel(Map.of(record, RECORD.replace("sha256=", "md5="))), 400, "good enough"),
                Arguments.of(
                        "no hash", wheel(Map.of(record, RECORD.replaceAll("sha256=[^,]*", ""))), 400, "good enough"),
                Arguments.of(
                        "something behind", wheel(joined(whole, new byte[] {1})), 400, "Invalid distribution file."),
                Arguments.of("something before", wheel(joined(new byte[] {1}, whole)), 400, "no zip"),
                Arguments.of("another zip behind", wheel(joined(whole, whole)), 400, "Invalid distribution file."),
                Arguments.of("a file twice", wheel(twice()), 400, "same path twice"),
                Arguments.of("a directory that tells otherwise", wheel(renamed(whole)), 400, "Invalid distribution"),
                Arguments.of("a bomb", wheel(Map.of("oar/x.py", "0".repeat(40 << 20))), 400, "too much"));
    }

    private static final String RECORD =
            new String(recordOf(ArchiveFixture.wheel("oar", "1.0", "")), StandardCharsets.UTF_8);

    private static byte[] recordOf(byte[] wheel) {
        try (var zip = new java.util.zip.ZipInputStream(new java.io.ByteArrayInputStream(wheel))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith("/RECORD")) {
                    return zip.readAllBytes();
                }
            }
            throw new IllegalStateException("no RECORD");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All of a wheel but RECORD, or only these files. */
    private static byte[] zip(Map<String, String> files) {
        return ArchiveFixture.zip(
                files.isEmpty()
                        ? Map.of(
                                "oar-1.0.dist-info/METADATA",
                                "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n",
                                "oar-1.0.dist-info/WHEEL",
                                "Wheel-Version: 1.0\n")
                        : files);
    }

    private static byte[] joined(byte[] singleByte, byte[] other) {
        var all = Arrays.copyOf(singleByte, singleByte.length + other.length);
        System.arraycopy(other, 0, all, singleByte.length, other.length);
        return all;
    }

    private static byte[] twice() {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipArchiveOutputStream(out)) {
            for (int i = 0; i < 2; i++) {
                zip.putArchiveEntry(new ZipArchiveEntry("oar/x.py"));
                zip.write(i);
                zip.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Only where the central directory names it. */
    private static byte[] renamed(byte[] wheel) {
        var text = new String(wheel, StandardCharsets.ISO_8859_1);
        int last = text.lastIndexOf("oar/__init__.py");
        assertTrue(last > text.indexOf("oar/__init__.py"), "local header and directory");
        return (text.substring(0, last) + "oar/__evil__.py" + text.substring(last + 15))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Source distributions that are none, or would hurt who unpacks them. */
    static Stream<Arguments> sources() {
        return Stream.of(
                Arguments.of("no gzip", sdist("hello".getBytes(StandardCharsets.UTF_8)), 400, "not a gzipped tar"),
                Arguments.of("no PKG-INFO", sdist(ArchiveFixture.tgz(Map.of("oar-1.0/x", ""))), 400, "PKG-INFO"),
                Arguments.of("a link out", linked(TarConstants.LF_SYMLINK, "../../etc/passwd"), 400, "link"),
                Arguments.of("an absolute link", linked(TarConstants.LF_SYMLINK, "/etc/passwd"), 400, "link"),
                Arguments.of("a hard link out", linked(TarConstants.LF_LINK, "/etc/passwd"), 400, "link"),
                Arguments.of("a device", linked(TarConstants.LF_CHR, ""), 400, "Invalid distribution file."),
                Arguments.of("a pipe", linked(TarConstants.LF_FIFO, ""), 400, "Invalid distribution file."),
                Arguments.of(
                        "a path that leads out",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/../../x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "an absolute path",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("/etc/x", "")),
                        400,
                        "leads out"),
                Arguments.of(
                        "a bomb",
                        UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/x", "0".repeat(40 << 20))),
                        400,
                        "too much"));
    }

    private static UploadFormFixture sdist(byte[] bytes) {
        return UploadFormFixture.of("oar", "1.0", "oar-1.0.tar.gz", bytes);
    }

    private static UploadFormFixture linked(byte type, String target) {
        return sdist(ArchiveFixture.gzip(ArchiveFixture.tar(tar -> {
            ArchiveFixture.put(
                    tar, new TarArchiveEntry("oar-1.0/PKG-INFO"), "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\n");
            var link = new TarArchiveEntry("oar-1.0/x", type);
            link.setLinkName(target);
            ArchiveFixture.put(tar, link, "");
        })));
    }

    @Test
    void aLinkInsideASourceDistributionStays() {
        post(linked(TarConstants.LF_SYMLINK, "PKG-INFO")).then().statusCode(200);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"contradictions", "wheels", "sources"})
    void whatIsNotTrueIsRefusedAndNothingIsKept(String what, UploadFormFixture upload, int status, String part) {
        refused(post(upload), status, part);
        assertEquals(0, kept(), what);
    }

    // ── the form ──

    @Test
    void aFormThatIsNoneIsRefused() {
        var good = good().body();
        for (var body : List.of(
                new byte[0],
                "hello".getBytes(StandardCharsets.UTF_8),
                Arrays.copyOf(good, good.length / 2),
                Arrays.copyOf(good, good.length - 8),
                ("--" + UploadFormFixture.BOUNDARY).getBytes(StandardCharsets.UTF_8),
                ("--" + UploadFormFixture.BOUNDARY + "\r\n" + "a: b\r\n".repeat(5000))
                        .getBytes(StandardCharsets.UTF_8))) {
            post(body).then().statusCode(400).contentType(startsWith("text/plain"));
        }
        for (var type : List.of(
                "application/json",
                "multipart/form-data",
                "multipart/mixed; boundary=x",
                "multipart/form-data; boundary=" + "b".repeat(300))) {
            as(token)
                    .header("Content-Type", type)
                    .body(good)
                    .post(at("legacy/"))
                    .then()
                    .statusCode(415);
        }
        as(token)
                .header("Content-Encoding", "gzip")
                .body(good)
                .post(at("legacy/"))
                .then()
                .statusCode(415);
        assertEquals(0, kept());
    }

    @Test
    void aFormHasItsLimits() {
        var many = good();
        IntStream.range(0, 10_000).forEach(i -> many.field("classifiers", "c" + i));
        refused(post(many), 413, "1000 fields");
        refused(post(good().field("description", "d".repeat((1 << 20) + 1))), 413, "A field may have");
        var long_ = good();
        IntStream.range(0, 9).forEach(i -> long_.field("description", "d".repeat(1 << 20)));
        refused(post(long_), 413, "All fields together");
        assertEquals(0, kept());
        var enough = good();
        IntStream.range(0, 900).forEach(i -> enough.field("classifiers", "c" + i));
        post(enough.field("description", "d".repeat(1 << 20))).then().statusCode(200);
    }

    /** Whatever is sent: one of the answers that a client understands, and no fault. */
    @Test
    void damagedFormsAreTakenOrRefused() {
        var random = new Random(20);
        for (int i = 0; i < 300; i++) {
            var body = (i % 2 == 0 ? good() : UploadFormFixture.sdist("oar", "1.0")).body();
            for (int n = random.nextInt(1, 8); n > 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt();
            }
            var cut = random.nextInt(4) == 0 ? Arrays.copyOf(body, random.nextInt(body.length)) : body;
            int status = post(cut).statusCode();
            assertTrue(Set.of(200, 400, 413).contains(status), status + " for form " + i);
        }
    }

    /** Bytes of METADATA turned, under a RECORD and a zip that fit them. */
    @Test
    void damagedMetadataIsTakenOrRefused() {
        var random = new Random(21);
        var metadata = "Metadata-Version: 2.1\nName: oar\nVersion: 1.0\nSummary: a\n b\nKeywords: x, y\n"
                + "Requires-Dist: mast[big] (>=1.0); python_version < \"3\"\nProject-URL: Home, https://example.org\n"
                + "Description-Content-Type: text/markdown\n\n# Oar\n";
        var odd = "\n\r\t :;,[]()<>=!~\"'\\\u0000\u00e4\u2028#@%|";
        for (int i = 0; i < 200; i++) {
            var text = new StringBuilder(metadata);
            for (int n = random.nextInt(1, 6); n > 0; n--) {
                text.setCharAt(random.nextInt(text.length()), odd.charAt(random.nextInt(odd.length())));
            }
            int status = post(wheel(Map.of("oar-1.0.dist-info/METADATA", text.toString(), "oar/n.py", "" + i)))
                    .statusCode();
            assertTrue(Set.of(200, 400).contains(status), status + " for " + text);
            people.run("delete from release where package_id in (select id from package where cache_id = " + cache.id()
                    + ")");
        }
    }

    // ── what maintainers do ──

    private Response release(String method, String path, String body) {
        long maintainer = people.person(false);
        people.member(cache, maintainer, Role.MAINTAINER);
        return given().header("Authorization", "Bearer " + people.token(maintainer))
                .contentType("application/json")
                .body(body)
                .request(method, "/_api/v1/" + cache.name() + "/releases/" + path);
    }

    @Test
    void aReleaseIsYankedAndStandsAgain() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        for (int i = 0; i < 2; i++) {
            release("POST", "pypi/Oar@1.0/yank", "{\"reason\":\"It <leaks>.\"}")
                    .then()
                    .statusCode(200)
                    .body("release", equalTo("pypi oar@1.0"))
                    .body("changed", equalTo(i == 0));
        }
        page("oar")
                .then()
                .body("files.yanked", equalTo(List.of("It <leaks>.", "It <leaks>.", false)))
                .body("versions", equalTo(List.of("1.0", "1.1")));
        given().accept("text/html")
                .get(at("simple/oar/"))
                .then()
                .body(containsString("data-yanked=\"It &lt;leaks&gt;.\""));
        given().get(at("pypi/oar/1.0/json"))
                .then()
                .body("info.yanked", equalTo(true))
                .body("urls.yanked_reason", equalTo(List.of("It <leaks>.", "It <leaks>.")));
        given().get("/" + cache.name() + "/pypi/oar@1.0")
                .then()
                .body(containsString("<strong>1.0 is yanked.</strong> It &lt;leaks&gt;."));
        given().get("/api/" + cache.name() + "/pypi/oar@1.0").then().body("withdrawals.yanked", equalTo("It <leaks>."));
        release("POST", "pypi/oar@1.0/yank", "").then().statusCode(200).body("changed", equalTo(true));
        page("oar").then().body("files.yanked", equalTo(List.of(true, true, false)));
        for (int i = 0; i < 2; i++) {
            release("POST", "pypi/oar@1.0/unyank", "").then().statusCode(200).body("changed", equalTo(i == 0));
        }
        page("oar").then().body("files.yanked", equalTo(List.of(false, false, false)));
        assertEquals(
                3,
                count(
                        "audit where action = 'maintain' and allowed and object like '%yanked pypi oar@1.0' and cache_id = "
                                + cache.id()));
    }

    @Test
    void yankedReleaseIsNotTheDefaultIfAnotherExists() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        shownIs("1.1");
        release("POST", "pypi/oar@1.1/yank", "").then().statusCode(200);
        shownIs("1.0");
        release("POST", "pypi/oar@1.0/yank", "").then().statusCode(200);
        shownIs("1.1");
        post(UploadFormFixture.wheel("oar", "0.9")).then().statusCode(200);
        shownIs("0.9");
        release("POST", "pypi/oar@1.0/unyank", "").then().statusCode(200);
        shownIs("1.0");
    }

    private void shownIs(String version) {
        given().get("/api/" + cache.name() + "/pypi/oar").then().body("head.version", equalTo(version));
    }

    @Test
    void anotherSpellingOfAVersionAddsFilesToIt() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0.0")).then().statusCode(200);
        page("oar").then().body("versions", equalTo(List.of("1.0"))).body("files.size()", equalTo(2));
        given().get(at("pypi/oar/1.0.0/json"))
                .then()
                .body("info.version", equalTo("1.0"))
                .body("urls.size()", equalTo(2));
        given().get("/api/" + cache.name() + "/pypi/oar@1.0.0").then().body("head.version", equalTo("1.0"));
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(400);
    }

    @Test
    void aDeletedReleaseLeavesItsNamesToNoOtherBytes() {
        var wheel = UploadFormFixture.wheel("oar", "1.0");
        post(wheel).then().statusCode(200);
        post(UploadFormFixture.wheel("oar", "1.1")).then().statusCode(200);
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(200).body("release", equalTo("pypi oar@1.0"));
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(404);
        assertEquals(List.of("oar-1.1-py3-none-any.whl"), files("oar"));
        var other = post(UploadFormFixture.wheel("oar", "1.0", "Summary: other\n", Map.of()));
        refused(other, 400, "This filename has previously been used, you should use a different version");
        post(wheel).then().statusCode(200);
        assertEquals(2, files("oar").size());
        release("DELETE", "pypi/oar@1.0", "").then().statusCode(200);
        release("DELETE", "pypi/oar@1.1", "").then().statusCode(200);
        page("oar").then().statusCode(200).body("files", equalTo(List.of()));
        assertEquals(1, count("package where owned and cache_id = " + cache.id()), "the name stays this cache's own");
    }

    @Test
    void unsupportedActionIsExplained() {
        post(good()).then().statusCode(200);
        var wrong = Map.of(
                "pypi/oar@2.0/yank", 404,
                "pypi/mast@1.0/yank", 404,
                "pypi/oar@1.0/deprecate", 404,
                "pypi/oar/yank", 404,
                "nix/oar@1.0/yank", 404,
                "none/oar@1.0/yank", 404);
        wrong.forEach((path, status) -> release("POST", path, "").then().statusCode(status));
        for (var body :
                List.of("{\"reason\":\"" + "r".repeat(1001) + "\"}", "{\"reason\":\"a\\nb\"}", "{\"why\":1}", "[]")) {
            release("POST", "pypi/oar@1.0/yank", body).then().statusCode(400);
        }
        for (var secret : List.of(token, people.token(people.person(false)))) {
            given().header("Authorization", "Bearer " + secret)
                    .post("/_api/v1/" + cache.name() + "/releases/pypi/oar@1.0/yank")
                    .then()
                    .statusCode(403);
        }
        page("oar").then().body("files.yanked", equalTo(List.of(false)));
    }

    // ── what was signed ──

    @Test
    void attestationIsServedAndShown(@TempDir Path scratch) throws Exception {
        var key = SigningKeyFixture.make(scratch, AttestationFixture.SIGNER);
        var upload = UploadFormFixture.wheel("oar", "1.0");
        var publish = AttestationFixture.attestation(
                key, AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.PUBLISH));
        var build = AttestationFixture.attestation(
                key, AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.SLSA));
        post(upload.field("attestations", "[" + publish + "," + build + "]"))
                .then()
                .statusCode(200);
        post(UploadFormFixture.sdist("oar", "1.0")).then().statusCode(200);
        String url = page("oar").path("files[0].provenance");
        assertTrue(url.startsWith("http://") && url.endsWith(".whl.provenance"), url);
        page("oar").then().body("files[1].provenance", equalTo(null));
        given().accept("text/html")
                .get(at("simple/oar/"))
                .then()
                .body(containsString(" data-provenance=\"" + url + "\""));
        var provenance = given().urlEncodingEnabled(false).get(URI.create(url).getRawPath());
        provenance
                .then()
                .statusCode(200)
                .contentType(equalTo("application/vnd.pypi.integrity.v1+json"))
                .body("version", equalTo(1))
                .body("attestation_bundles.size()", equalTo(1))
                .body("attestation_bundles[0].publisher.kind", equalTo("GitHub"))
                .body("attestation_bundles[0].publisher.repository", equalTo("boat/oar"))
                .body("attestation_bundles[0].publisher.workflow", equalTo("release.yml"))
                .body("attestation_bundles[0].attestations.size()", equalTo(2));
        assertTrue(provenance.asString().contains(publish.toString()), provenance.asString());
        assertTrue(provenance.asString().contains(build.toString()), provenance.asString());
        given().urlEncodingEnabled(false)
                .get(URI.create(url).getRawPath().replace("oar-1.0-py3-none-any.whl", "oar-1.0.tar.gz"))
                .then()
                .statusCode(404);
        given().get("/" + cache.name() + "/pypi/oar@1.0")
                .then()
                .body(containsString(AttestationFixture.SIGNER))
                .body(containsString("signed with the key of its certificate"));
    }

    @Test
    void otherAttestationsAreRefused(@TempDir Path scratch) throws Exception {
        var key = SigningKeyFixture.make(scratch, AttestationFixture.SIGNER);
        var upload = good();
        var statement = AttestationFixture.statement(upload.filename, upload.file, AttestationFixture.PUBLISH);
        var right = AttestationFixture.attestation(key, statement);
        var otherFile = AttestationFixture.statement(upload.filename, new byte[1], AttestationFixture.PUBLISH);
        var otherName =
                AttestationFixture.statement("oar-1.1-py3-none-any.whl", upload.file, AttestationFixture.PUBLISH);
        var otherKind = AttestationFixture.statement(upload.filename, upload.file, "https://example.org/other/v1");
        var otherSigned = right.deepCopy();
        ((ObjectNode) otherSigned.path("envelope"))
                .put(
                        "statement",
                        AttestationFixture.attestation(key, otherKind)
                                .path("envelope")
                                .path("statement")
                                .asText());
        var noLog = right.deepCopy();
        ((ObjectNode) noLog.path("verification_material")).putArray("transparency_entries");
        var noCertificate = right.deepCopy();
        ((ObjectNode) noCertificate.path("verification_material")).put("certificate", "AAAA");
        var otherVersion = right.deepCopy().put("version", 2);
        var unsigned = right.deepCopy();
        ((ObjectNode) unsigned.path("envelope")).remove("signature");
        var forged = right.deepCopy();
        ((ObjectNode) forged.path("envelope")).put("signature", key.signature(new byte[1]));
        var cases = List.of(
                Map.entry("[" + AttestationFixture.attestation(key, otherFile) + "]", "about another file"),
                Map.entry("[" + AttestationFixture.attestation(key, otherName) + "]", "It is about"),
                Map.entry("[" + AttestationFixture.attestation(key, otherKind) + "]", "neither a publish attestation"),
                Map.entry("[" + otherSigned + "]", "neither a publish attestation"),
                Map.entry("[" + noLog + "]", "transparency log"),
                Map.entry("[" + noCertificate + "]", "certificate"),
                Map.entry("[" + otherVersion + "]", "version"),
                Map.entry("[" + unsigned + "]", "Its signature"),
                Map.entry("[" + forged + "]", "not signed by the key"),
                Map.entry("[" + right + "," + right + "]", "two of one kind"),
                Map.entry("[]", "no JSON array"),
                Map.entry(right.toString(), "no JSON array"),
                Map.entry("[" + "[".repeat(5000), "no JSON"),
                Map.entry("nothing", "no JSON"));
        for (var entry : cases) {
            var answer = post(good().field("attestations", entry.getKey()));
            answer.then()
                    .statusCode(400)
                    .statusLine(containsString("Invalid attestations supplied during upload: "))
                    .body(containsString(entry.getValue()));
        }
        assertEquals(0, kept());
    }

    // ── who ──

    @Test
    void uploadNeedsPermissionForTheProject() {
        var reader = people.person(false);
        people.member(cache, reader, Role.READER);
        var all = List.of(NamePattern.ALL);
        var here = List.of(new NamePattern(cache.name()));
        var publishing = Set.of(Action.PUBLISH);
        var others = List.of(
                people.token(reader),
                people.token(people.person(false)),
                scoped(new Scope(false, here, all, List.of(new NamePattern("mast*")), publishing)),
                scoped(new Scope(false, here, List.of(new NamePattern("npm")), all, publishing)),
                scoped(new Scope(false, List.of(new NamePattern("elsewhere")), all, all, publishing)),
                scoped(new Scope(false, here, all, all, Set.of(Action.READ))));
        var fileFirst = UploadFormFixture.empty(good().filename, good().file)
                .file(good().filename, good().file)
                .field("name", "oar")
                .field("version", "1.0");
        for (var other : others) {
            for (var upload : List.of(good(), fileFirst)) {
                var answer = as(other).body(upload.body()).post(at("legacy/"));
                answer.then().statusCode(403);
                assertTrue(answer.statusLine().length() > 40, answer.statusLine());
            }
        }
        for (var secret : List.of("", "nrx_wrong")) {
            as(secret)
                    .body(good().body())
                    .post(at("legacy/"))
                    .then()
                    .statusCode(401)
                    .header("WWW-Authenticate", startsWith("Basic "))
                    .statusLine(containsString("token"));
        }
        assertEquals(0, kept());
        as(scoped(new Scope(
                        false, here, List.of(new NamePattern("pypi")), List.of(new NamePattern("oar")), publishing)))
                .body(good().with("name", "OAR").body())
                .post(at("legacy/"))
                .then()
                .statusCode(200);
    }

    private String scoped(Scope scope) {
        return people.token(Optional.of(publisher), scope);
    }

    @Test
    void aCacheThatIsFullTakesNothing() {
        people.run("update cache set quota_bytes = 300 where id = " + cache.id());
        refused(post(good()), 413, "quota");
        assertEquals(0, kept());
    }

    @Test
    void uploadIsAcceptedAtItsAddressOnly() {
        for (var path : List.of("simple/", "simple/oar/", "legacy/x", "pypi")) {
            as(token).body(good().body()).post(at(path)).then().statusCode(404);
        }
        assertEquals(0, kept());
    }

    // ── at once ──

    @Test
    void concurrentUploadOfAFileSucceedsOnce() throws Exception {
        var calls = new ArrayList<Callable<Integer>>();
        for (int i = 0; i < 16; i++) {
            var upload = wheel(Map.of("oar/me.py", "N = " + i));
            calls.add(() -> post(upload).statusCode());
        }
        var statuses = together(calls);
        assertEquals(1, statuses.stream().filter(s -> s == 200).count(), statuses.toString());
        assertEquals(15, statuses.stream().filter(s -> s == 400).count(), statuses.toString());
        assertEquals(2, count("path where cache_id = " + cache.id()), "of those that lost nothing is kept");
        assertEquals(1, files("oar").size());
    }

    @Test
    void concurrentUploadsOfFilesAllSucceed() throws Exception {
        var uploads = IntStream.range(0, 16)
                .mapToObj(i -> UploadFormFixture.of(
                        "oar",
                        "1.0",
                        "oar-1.0-cp3" + i + "-none-any.whl",
                        ArchiveFixture.wheel("oar", "1.0", "", Map.of("oar/me.py", "N = " + i))))
                .toList();
        var calls = uploads.stream()
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(List.of(200), together(calls).stream().distinct().toList());
        assertEquals(16, files("oar").size());
        page("oar").then().body("files.filename", hasItems(uploads.getFirst().filename, uploads.getLast().filename));
        for (var upload : uploads) {
            assertArrayEquals(upload.file, fetched("oar", upload.filename));
        }
    }

    @Test
    void concurrentSourceDistributionsSucceedOnce() throws Exception {
        var calls = Stream.of("oar-1.0.tar.gz", "Oar-1.0.tar.gz", "OAR-1.0.tar.gz", "oar-1.0.0.tar.gz")
                .map(name -> UploadFormFixture.of(
                        "oar", "1.0", name, UploadFormFixture.sdist("oar", "1.0", Map.of("oar-1.0/x", name)).file))
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(
                List.of(200, 400, 400, 400), together(calls).stream().sorted().toList());
        assertEquals(1, files("oar").size());
    }

    @Test
    void concurrentSimilarNamesSucceedOnce() throws Exception {
        var calls = Stream.of("tall_oar", "talloar", "ta11_oar", "tail.0ar")
                .map(name -> UploadFormFixture.wheel(name, "1.0"))
                .<Callable<Integer>>map(upload -> () -> post(upload).statusCode())
                .toList();
        assertEquals(
                List.of(200, 400, 400, 400), together(calls).stream().sorted().toList());
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
