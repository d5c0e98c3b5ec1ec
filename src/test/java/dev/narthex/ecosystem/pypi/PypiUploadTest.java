package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Uploads are accepted completely and served unchanged, and names belong to their first publisher. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PypiUploadTest extends PypiUploadSetup {
    @ParameterizedTest
    @ValueSource(strings = {"legacy/", "legacy", ""})
    void uploadedFileIsServedUnchanged(String address) {
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
        assertEquals(1, count("package where owned and normalized = 'nx-oar' and cache_id = " + cache.id()));
        assertEquals(
                List.of("person:" + publisher),
                people.column("select regexp_replace(actor, ':[^:]*$', '') from audit where cache_id = " + cache.id()
                        + " and action = 'publish' and allowed and object = 'pypi Nx_Oar@1.0'"));
    }

    private static byte[] metadata(UploadFormFixture upload) {
        return ("Metadata-Version: 2.4\nName: Nx_Oar\nVersion: 1.0\nRequires-Dist: mast (>=1.0)\nRequires-Python: >=3.9\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Fields as other tools than twine send them. */
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
    void spellingsOfAllToolsAreAccepted(String tool, UploadFormFixture upload) {
        post(upload).then().statusCode(200);
        assertEquals(List.of(upload.filename), files("nx-oar"), tool);
    }

    /** Named like a fetcher of nixpkgs would, by either digest; nix accepts it without a signature. */
    @Test
    void fileHasTwoStorePathsAndIsStoredOnce() {
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
    void storePathNameHasNoEpoch() {
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
    void repeatedUploadIsIdempotentForTheSameBytesOnly() {
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
    void versionInAnotherSpellingKeepsTheFirstName() {
        post(UploadFormFixture.wheel("oar", "1.0")).then().statusCode(200);
        var other = ArchiveFixture.wheel("oar", "1.0.0", "");
        refused(
                post(UploadFormFixture.of("oar", "1.0.0", "oar-1.0-py3-none-any.whl", other)),
                400,
                "File already exists");
    }

    @Test
    void deletedFileIsUploadedAgainWithTheSameBytesOnly() {
        var upload = UploadFormFixture.wheel("oar", "1.0");
        var digest = NixHash.sha256(upload.file).hex();
        people.run("insert into tombstone (cache_id, ecosystem, normalized, version, filename, sha256) values ("
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
    void releaseHasManyWheelsAndOneSourceDistribution() {
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
    void sourceHasAMirrorUrl() {
        var upload = UploadFormFixture.sdist("nx_oar", "1.0");
        post(upload).then().statusCode(200);
        for (var name : List.of("nx_oar/nx_oar-1.0.tar.gz", "Nx.Oar/Nx.Oar-1.0.tar.gz")) {
            assertArrayEquals(
                    upload.file, given().get(at("packages/source/n/" + name)).asByteArray());
        }
    }

    @Test
    void projectUrlOfFlitRedirectsToSearch() {
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
    void similarNewNameIsRefused() {
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
    void standardLibraryNamesAreRefused(String name) {
        refused(
                post(UploadFormFixture.wheel("oar", "1.0").with("name", name.replaceAll("^_+|_+$", ""))),
                400,
                "is not allowed");
        assertEquals(0, kept());
    }
}
