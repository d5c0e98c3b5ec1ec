package dev.narthex.vault.locks;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.catalog.support.RecordingDriver;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** If a dependency has several files, those in the cache are returned. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class PythonLocksTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String WHEEL = "lantern-1.0-py3-none-any.whl";
    private static final String SDIST = "lantern-1.0.tar.gz";
    private static final byte[] WHEEL_BYTES = ArchiveFixture.wheel("lantern", "1.0", "");
    private static final byte[] SDIST_BYTES =
            ArchiveFixture.tgz(Map.of("lantern-1.0/PKG-INFO", "Metadata-Version: 1.0\nName: Lantern\nVersion: 1.0\n"));
    private static final String ELSE = "sha256:" + "e".repeat(64);

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    private Cache cache;
    private PortalFixture shelf;

    @BeforeEach
    void aCacheWithFiles() {
        cache = people.cache("python-" + NUMBERS.incrementAndGet(), true);
        long publisher = people.person(false);
        people.member(cache, publisher, Role.PUBLISHER);
        shelf = new PortalFixture(cache.name(), recognition, people.token(publisher));
        put(WHEEL, WHEEL_BYTES);
        put(SDIST, SDIST_BYTES);
    }

    /** At the path of its SHA-256. */
    private void put(String name, byte[] bytes) {
        shelf.put(path(name, NixHash.sha256(bytes)), PortalFixture.file(bytes), Optional.empty());
    }

    private static StorePath path(String name, NixHash hash) {
        return new ContentAddress.Fixed(false, hash).storePath(name);
    }

    private static String sha256(byte[] bytes) {
        return "sha256:" + NixHash.sha256(bytes).hex();
    }

    private static String requirement(String pin, String... hashes) {
        return pin
                + List.of(hashes).stream()
                        .map(hash -> " \\\n    --hash=" + hash)
                        .collect(Collectors.joining()) + "\n";
    }

    private Response post(String lock) {
        return given().contentType("text/plain").body(lock).post("/_api/v1/" + cache.name() + "/locks/pypi");
    }

    private ValidatableResponse answered(String lock) {
        return post(lock).then().statusCode(200).contentType("application/json");
    }

    private static byte[] fetched(String url) {
        return given().get(URI.create(url).getPath())
                .then()
                .statusCode(200)
                .extract()
                .asByteArray();
    }

    @Test
    void presentFilesAreListedWheelsFirst() {
        var hash = NixHash.sha256(WHEEL_BYTES);
        var requirements = requirement("Lantern==1.0", sha256(SDIST_BYTES), ELSE, sha256(WHEEL_BYTES));
        var answer = answered(requirements)
                .body("format", equalTo("requirements.txt"))
                .body("entries", hasSize(2))
                .body("entries.key", equalTo(List.of(WHEEL, SDIST)))
                .body("entries[0].name", equalTo("Lantern"))
                .body("entries[0].version", equalTo("1.0"))
                .body("entries[0].path", equalTo(path(WHEEL, hash).toString()))
                .body("entries[0].hash", equalTo(hash.sri()))
                .body("entries.have", equalTo(List.of(true, true)))
                .body("missing", hasSize(0));
        String url = answer.extract().path("entries[0].url");
        assertTrue(url.endsWith("/registry/" + cache.name() + "/pypi/files/lantern/" + hash.hex() + "/" + WHEEL), url);
        assertArrayEquals(WHEEL_BYTES, fetched(url));
        assertArrayEquals(SDIST_BYTES, fetched(answer.extract().path("entries[1].url")));
        String nix = answer.extract().path("nix");
        assertTrue(nix.contains("f0 = fetch \"" + WHEEL + "\" \"" + hash.sri() + "\" \"" + url + "\";"), nix);
        assertTrue(nix.contains("\"" + SDIST + "\" = f1;"), nix);
        assertTrue(nix.contains("all = [ f0 f1 ];"), nix);
        assertTrue(nix.contains("missing = [ ];"), nix);
    }

    /** File names and URLs give the same result. */
    @Test
    void locksOfTheSameFilesGiveTheSameResult() {
        List<Object> entries = answered(requirement("lantern==1.0", sha256(SDIST_BYTES), sha256(WHEEL_BYTES)))
                .extract()
                .path("entries");
        var files = "files = [{file='%s', hash='%s'}, {file='%s', hash='%s'}]\n"
                .formatted(SDIST, sha256(SDIST_BYTES), WHEEL, sha256(WHEEL_BYTES));
        var lantern = "[[package]]\nname = 'lantern'\nversion = '1.0'\n";
        var there = "https://registry.example/files/";
        var uv = "sdist = {url='%s', hash='%s'}\nwheels = [{url='%s', hash='%s'}]\n"
                .formatted(there + SDIST, sha256(SDIST_BYTES), there + WHEEL, sha256(WHEEL_BYTES));
        for (var lock : List.of(
                lantern + files + "[metadata]\nlock-version = '2.1'\n",
                "[metadata]\nlock_version = '4.5.0'\n" + lantern + files,
                "version = 1\n" + lantern + "source = {registry='x'}\n" + uv,
                "lock-version = '1.0'\n"
                        + (lantern + uv)
                                .replace("package", "packages")
                                .replaceAll("hash='sha256:([^']*)'", "hashes={sha256='$1'}"))) {
            answered(lock).body("entries", equalTo(entries)).body("missing", hasSize(0));
        }
    }

    @Test
    void packageIsMissingIfNoFileIsPresent() {
        var other = "sha512:" + "f".repeat(128);
        var lock = requirement("lantern==1.0", ELSE, other)
                + requirement("lantern==1.0; python_version > '3'", ELSE)
                + requirement("wick==2.0", ELSE);
        String nix = answered(lock)
                .body("entries", hasSize(0))
                .body("missing", hasSize(2))
                .body("missing[0].name", equalTo("lantern"))
                .body("missing[0].version", equalTo("1.0"))
                .body(
                        "missing[0].hashes",
                        equalTo(List.of(
                                NixHash.parse(ELSE).sri(), NixHash.parse(other).sri())))
                .body("missing[0].hash", equalTo(null))
                .body("missing[1].name", equalTo("wick"))
                .extract()
                .path("nix");
        assertTrue(nix.contains("all = [ ];"), nix);
        assertTrue(nix.contains("missing = [ \"lantern 1.0\" \"wick 2.0\" ];"), nix);
        // a URL alone does not make it a file of this cache
        answered(
                        "version = 1\n[[package]]\nname = 'wick'\nversion = '2.0'\nwheels = [{url='https://h/wick-2.0-py3-none-any.whl', "
                                + "hash='" + ELSE + "'}]\n")
                .body("entries", hasSize(0))
                .body("missing[0].name", equalTo("wick"));
    }

    @Test
    void duplicateFilesAreListedOnce() {
        var other = ArchiveFixture.wheel("lantern", "1.0", "Summary: other\n");
        put(WHEEL, other);
        var lock = requirement("lantern==1.0", sha256(WHEEL_BYTES))
                + requirement("lantern[oil]==1.0", sha256(WHEEL_BYTES), sha256(other));
        answered(lock)
                .body(
                        "entries.key",
                        equalTo(List.of(
                                WHEEL, WHEEL + "#" + NixHash.sha256(other).sri())))
                .body("missing", hasSize(0));
    }

    /** The version in the lockfile and that in the metadata have different spellings. */
    @Test
    void versionSpellingsAreEqual() {
        var bytes = ArchiveFixture.wheel("Nx_Log.Book", "2024.02.05", "");
        put("Nx_Log.Book-2024.02.05-py3-none-any.whl", bytes);
        answered(requirement("nx-log-book==2024.2.5.0", sha256(bytes)))
                .body("entries[0].key", equalTo("Nx_Log.Book-2024.02.05-py3-none-any.whl"))
                .body("entries[0].have", equalTo(true));
    }

    /** Like in the output of a derivation: the file is served from it, and there is no path of its hash. */
    @Test
    void fileInsideAPathIsServed() {
        var bytes = ArchiveFixture.wheel("wick", "1.0", "");
        var name = "wick-1.0-py3-none-any.whl";
        var folder = shelf.put("python3-wick-1.0-dist", nar -> {
            nar.directory(new byte[0]);
            nar.regular(name.getBytes(), false, bytes.length, new ByteArrayInputStream(bytes));
            nar.endDirectory();
        });
        var answer = answered(requirement("wick==1.0", sha256(bytes)))
                .body(
                        "entries[0].path",
                        equalTo(path(name, NixHash.sha256(bytes)).toString()))
                .body("entries[0].have", equalTo(false))
                .body("missing", hasSize(1))
                .body(
                        "missing[0].path",
                        equalTo(path(name, NixHash.sha256(bytes)).toString()))
                .body("missing[0].elsewhere.path", equalTo(folder.toString()))
                .body("missing[0].elsewhere.filename", equalTo(name));
        assertArrayEquals(bytes, fetched(answer.extract().path("entries[0].url")));
    }

    @Test
    void otherHashAlgorithmFindsTheSameBytes() {
        var sha512 = NixHash.of(
                HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(WHEEL_BYTES));
        var answer = answered(requirement("lantern==1.0", "sha512:" + sha512.hex()))
                .body("entries[0].path", equalTo(path(WHEEL, sha512).toString()))
                .body("entries[0].have", equalTo(false))
                .body(
                        "missing[0].elsewhere.path",
                        equalTo(path(WHEEL, NixHash.sha256(WHEEL_BYTES)).toString()))
                .body("entries[0].url", endsWith("/pypi/packages/source/l/lantern/" + WHEEL));
        assertArrayEquals(WHEEL_BYTES, fetched(answer.extract().path("entries[0].url")));
    }

    @Test
    void invalidLockfileIsRefusedWithTheReason() {
        post("lantern==1.0 --hash=sha256:0\n")
                .then()
                .statusCode(422)
                .contentType("application/problem+json")
                .body("field", equalTo("requirements.txt, line 1"));
        post("[[package]]\nversion = 1\n")
                .then()
                .statusCode(422)
                .body("field", equalTo("poetry.lock, line 1, package.name"));
        var nul =
                "version = 1\n[[package]]\nname = \"a\\u0000b\"\nwheels = [{url='https://h/a-1-py3-none-any.whl', hash='"
                        + ELSE + "'}]\n";
        post(nul).then().statusCode(422);
    }

    private static String many(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> requirement("lantern==1.0", "sha256:%064x".formatted(i)))
                .collect(Collectors.joining());
    }

    @Test
    void statementCountDoesNotGrowWithTheLockfile() {
        var few = statements(many(1));
        assertEquals(few, statements(many(50_000)));
        assertEquals(2, few.stream().filter(sql -> sql.contains("path")).count(), few.toString());
        post(many(50_001)).then().statusCode(413);
    }

    private List<String> statements(String lock) {
        return RecordingDriver.ofRequests(() -> answered(lock).body("missing", hasSize(1)));
    }
}
