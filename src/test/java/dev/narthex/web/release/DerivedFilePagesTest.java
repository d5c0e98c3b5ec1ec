package dev.narthex.web.release;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.path.PathSummary;
import dev.narthex.catalog.path.Paths;
import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.search.support.IndexWaiter;
import dev.narthex.spi.Cache;
import dev.narthex.store.DedupDomains;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pushed trees as npm and pip get them, and their pages. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class DerivedFilePagesTest {
    private static final StorePath GIT = PortalFixture.path("git-2.1");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static int caches;

    @Inject
    CacheCatalog all;

    @Inject
    DedupDomains domains;

    @Inject
    Paths paths;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    DataSource database;

    private Cache cache;
    private PortalFixture shelf;

    /** Each test has its own cache. */
    @BeforeEach
    void fresh() {
        var name = "orchard-" + ++caches;
        QuarkusTransaction.requiringNew().run(() -> all.create(name, "", true, domains.create()));
        cache = all.find(name).orElseThrow();
        shelf = new PortalFixture(name, recognition);
    }

    private static StorePathFixture pear(String version) {
        return new StorePathFixture()
                .file(
                        "lib/node_modules/pear/package.json",
                        "{\"name\":\"pear\",\"version\":\"" + version + "\",\"dependencies\":{\"stem\":\"^1.0.0\"}}")
                .file("lib/node_modules/pear/index.js", "module.exports = 'pear'\n");
    }

    @Test
    void derivedTarballHasTwoStorePaths() {
        shelf.put("pear-1.0.0", pear("1.0.0")::write);
        var tarball = tarball("pear", "1.0.0");
        var sha512 = new NixHash(
                HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(tarball));
        for (var hash : List.of(sha512, NixHash.sha256(tarball))) {
            var path = new ContentAddress.Fixed(false, hash).storePath("pear-1.0.0.tgz");
            given().get("/" + cache.name() + "/" + path.hash() + ".narinfo")
                    .then()
                    .statusCode(200)
                    .body(containsString("CA: fixed:" + hash));
            assertEquals(
                    "derived", paths.find(cache.id(), path.hash()).orElseThrow().origin());
        }
        twin("/npm/pear@1.0.0").body("head.dependencies", equalTo(1));
    }

    @Test
    void derivedFileIsBuiltOnce() {
        var tree = shelf.put("pear-1.0.0", pear("1.0.0")::write);
        var before = derived();
        assertEquals(2, before.size());
        var first = tarball("pear", "1.0.0");
        recognition.run(cache.name() + "/" + tree.hash());
        shelf.put(PortalFixture.path("pear-again-1.0.0"), pear("1.0.0")::write, Optional.empty());
        shelf.put(
                PortalFixture.path("pear-with-more-1.0.0"),
                pear("1.0.0").file("lib/node_modules/pear/node_modules/stem/package.json", "{}")::write,
                Optional.empty());
        assertEquals(before, derived());
        assertArrayEquals(first, tarball("pear", "1.0.0"));
    }

    /**
     * States that a crash may leave: the file stored but not recorded, recorded but not listed, listed by an older transcoder.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "delete from ecosystem_state where cache_id = ?",
                "delete from artifact where path_id in (select id from path where cache_id = ? and origin = 'derived')",
                "update ecosystem_state set key = replace(key, 'tgz-', 'older-') where cache_id = ?"
            })
    void jobRepairsTheStateAfterACrash(String harm) throws SQLException {
        var tree = shelf.put("pear-1.0.0", pear("1.0.0")::write);
        var before = derived();
        try (var connection = database.getConnection();
                var statement = connection.prepareStatement(harm)) {
            statement.setLong(1, cache.id());
            assertTrue(statement.executeUpdate() > 0);
        }
        recognition.run(cache.name() + "/" + tree.hash());
        assertEquals(before, derived());
        assertEquals(2, before.size());
        tarball("pear", "1.0.0");
    }

    /** Such trees cannot be pushed. */
    @Test
    void lostBytesAreDerivedAgain() throws SQLException {
        shelf.put("pear-1.0.0", pear("1.0.0")::write);
        var first = tarball("pear", "1.0.0");
        var mine = " from path where cache_id = " + cache.id() + " and origin = 'derived'";
        var encoding = text("select encoding from nar where id in (select nar_id" + mine + ")");
        run("update nar set inline = overlay(inline placing '\\x00'::bytea from octet_length(inline) - 9)"
                + " where id in (select nar_id" + mine + ")");
        run("update scrub set inline_after = (select min(nar_id) - 1" + mine + ")");
        given().header("Authorization", "Bearer " + PortalFixture.token())
                .post("/_api/v1/admin/jobs/scrub/recurring/retry");
        IndexWaiter.until(
                () -> !text("select min(encoding::text) from nar where state = 'L' and id in (select nar_id" + mine
                                + ")")
                        .replace(encoding, "")
                        .isEmpty(),
                PATIENCE);
        assertArrayEquals(first, tarball("pear", "1.0.0"));
    }

    private void run(String sql) throws SQLException {
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            assertTrue(statement.executeUpdate(sql) > 0);
        }
    }

    /** Empty for null. */
    private String text(String query) {
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(query)) {
            row.next();
            return Optional.ofNullable(row.getString(1)).orElse("");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void exactFileComesFirstUnlessTheDerivedOneIsPromised() {
        var upstream = PortalFixture.tarball("package.json", "{\"name\":\"pear\",\"version\":\"1.0.0\"}");
        shelf.put("pear-1.0.0", pear("1.0.0")::write);
        shelf.put(PortalFixture.path("pear-1.0.0.tgz"), PortalFixture.file(upstream), Optional.empty());
        assertArrayEquals(upstream, tarball("pear", "1.0.0"));

        shelf.put("pear-2.0.0", pear("2.0.0")::write);
        var promised = tarball("pear", "2.0.0");
        var later = PortalFixture.tarball("package.json", "{\"name\":\"pear\",\"version\":\"2.0.0\"}");
        shelf.put(PortalFixture.path("pear-2.0.0.tgz"), PortalFixture.file(later), Optional.empty());
        assertArrayEquals(promised, tarball("pear", "2.0.0"));
    }

    @Test
    void unavailablePackageIsShownWithTheReason() {
        shelf.put(GIT, PortalFixture.file(new byte[] {1}), Optional.empty());
        var path = shelf.put(
                "quince-1.0.0",
                pear("3.0.0")
                        .file(
                                "lib/node_modules/quince/package.json",
                                "{\"name\":\"quince\",\"version\":\"1.0.0\",\"private\":true}")
                        .file("lib/node_modules/fig/package.json", "{\"name\":\"fig\",\"version\":\"1.0.0\"}")
                        .file("lib/node_modules/fig/where.js", "'" + GIT + "/bin/git'")::write,
                GIT);
        for (int i = 0; i < 2; i++) {
            given().get("/api/" + cache.name() + "/path/" + path.hash())
                    .then()
                    .statusCode(200)
                    .body("notListed", hasSize(2))
                    .body("notListed[0].name", equalTo("fig"))
                    .body("notListed[0].reason", startsWith("where.js names a path in /nix/store"))
                    .body("notListed[1].reason", equalTo("its package.json says \"private\": true"));
            recognition.run(cache.name() + "/" + path.hash());
        }
        given().header("Accept", "text/html")
                .get("/" + cache.name() + "/path/" + path.hash())
                .then()
                .statusCode(200)
                .body(containsString("Stored, not listed for npm: <strong class=\"wrapany\">fig 1.0.0</strong>"));
        given().get("/registry/" + cache.name() + "/npm/fig").then().statusCode(404);
        given().get("/registry/" + cache.name() + "/npm/pear").then().statusCode(200);
    }

    @Test
    void pathPageListsSkippedDistributions() {
        var several = shelf.put(
                "wheels",
                nar -> folder(
                        nar,
                        Map.of("one-1.0-py3-none-any.whl", wheel("one"), "two-1.0-py3-none-any.whl", wheel("two"))));
        twin("/path/" + several.hash())
                .body("notListed.name", equalTo(List.of("one", "two")))
                .body(
                        "notListed[0].reason",
                        equalTo(
                                "one-1.0-py3-none-any.whl: the folder has files of several projects; put each project into"
                                        + " its own path"));
        var mixed = shelf.put(
                "one-1.0-dist",
                nar -> folder(nar, Map.of("one-1.0-py3-none-any.whl", wheel("one"), "one-1.0.tar.gz", new byte[] {1})));
        twin("/path/" + mixed.hash())
                .body("notListed", hasSize(1))
                .body("notListed[0].reason", startsWith("one-1.0.tar.gz: it is not a .tar.gz archive"));
        given().header("Accept", "text/html")
                .get("/" + cache.name() + "/path/" + mixed.hash())
                .then()
                .body(containsString("one-1.0.tar.gz: it is not a .tar.gz archive with a PKG-INFO file."));
    }

    private static byte[] wheel(String name) {
        return ArchiveFixture.wheel(name, "1.0", "");
    }

    private static void folder(NarWriter nar, Map<String, byte[]> files) throws IOException {
        nar.directory(new byte[0]);
        for (var file : new TreeMap<>(files).entrySet()) {
            nar.regular(
                    file.getKey().getBytes(StandardCharsets.UTF_8),
                    false,
                    file.getValue().length,
                    new ByteArrayInputStream(file.getValue()));
        }
        nar.endDirectory();
    }

    /** Without a content address, everyone who may push could put anything under any store path name. */
    @Test
    void takenFileNameIsNotReplaced() {
        shelf.put("pear-1.0.0", pear("1.0.0")::write);
        var sha512 = HashAlgorithm.SHA512.newDigest().digest(tarball("pear", "1.0.0"));
        var place =
                new ContentAddress.Fixed(false, new NixHash(HashAlgorithm.SHA512, sha512)).storePath("pear-1.0.0.tgz");
        fresh();
        shelf.put(place, PortalFixture.file(new byte[] {1}), Optional.empty());
        var tree = shelf.put("pear-1.0.0", pear("1.0.0")::write);
        twin("/path/" + tree.hash())
                .body("notListed", hasSize(1))
                .body("notListed[0].name", equalTo("pear"))
                .body("notListed[0].reason", startsWith("its store path exists without a content address"));
        given().get("/registry/" + cache.name() + "/npm/pear").then().statusCode(404);
        assertEquals(
                "pushed", paths.find(cache.id(), place.hash()).orElseThrow().origin());
    }

    @Test
    void pythonProjectBecomesAWheel() {
        var site = "lib/python3.13/site-packages/";
        shelf.put(
                "python3.13-plum-1.0",
                new StorePathFixture()
                        .file(site + "plum.py", "ripe = True\n")
                        .file(site + "plum-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: plum\nVersion: 1.0\n")
                        .file(site + "plum-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")::write);
        given().accept("application/vnd.pypi.simple.v1+json")
                .get("/registry/" + cache.name() + "/pypi/simple/plum/")
                .then()
                .statusCode(200)
                .body("files.filename", equalTo(List.of("plum-1.0-py3-none-any.whl")));
    }

    @Test
    void wheelOutputIsNotDerivedAgain() {
        var site = "lib/python3.13/site-packages/";
        var metadata = "Metadata-Version: 2.1\nName: plum\nVersion: 1.0\n";
        var wheel = ArchiveFixture.wheel("plum", "1.0", "");
        var recipe = Optional.of(PortalFixture.path("plum-1.0.drv").baseName());
        shelf.put(
                PortalFixture.path("plum-1.0-dist"),
                nar -> {
                    nar.directory(new byte[0]);
                    nar.regular(
                            "plum-1.0-py3-none-any.whl".getBytes(StandardCharsets.UTF_8),
                            false,
                            wheel.length,
                            new ByteArrayInputStream(wheel));
                    nar.endDirectory();
                },
                recipe);
        shelf.put(
                PortalFixture.path("plum-1.0"),
                new StorePathFixture()
                        .file(site + "plum.py", "ripe = True\n")
                        .file(site + "plum-1.0.dist-info/METADATA", metadata)
                        .file(site + "plum-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")::write,
                recipe);
        assertEquals(List.of(), derived());
        given().accept("application/vnd.pypi.simple.v1+json")
                .get("/registry/" + cache.name() + "/pypi/simple/plum/")
                .then()
                .body(
                        "files.hashes.sha256",
                        equalTo(List.of(NixHash.sha256(wheel).hex())));
    }

    private List<StorePath> derived() {
        return paths.newest(cache.id(), 100).stream()
                .map(PathSummary::path)
                .filter(path -> paths.find(cache.id(), path.hash())
                        .orElseThrow()
                        .origin()
                        .equals("derived"))
                .toList();
    }

    private ValidatableResponse twin(String page) {
        return given().get("/api/" + cache.name() + page).then().statusCode(200);
    }

    /** The bytes that npm would get, verified with their digest. */
    private byte[] tarball(String name, String version) {
        var packument = given().get("/registry/" + cache.name() + "/npm/" + name);
        packument.then().statusCode(200);
        String url = packument.path("versions['" + version + "'].dist.tarball");
        String integrity = packument.path("versions['" + version + "'].dist.integrity");
        var bytes = given().get(url.substring(url.indexOf("/registry/"))).asByteArray();
        var sha512 = new NixHash(
                HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(bytes));
        assertEquals(integrity, sha512.sri());
        return bytes;
    }
}
