package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.LockedFilesCollector;
import dev.narthex.problem.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The lockfiles in {@code locks/npm} were written by npm 11, pnpm 8 and 10, yarn 1 and yarn 4 for a project with every kind of
 * dependency: two versions of a package by an alias, scoped, bundled, with SHA-1 only, by URL, file, folder, git and workspace.
 */
class NpmLockTest {
    private static final String SHA512 = "sha512-" + "A".repeat(86) + "==";
    private static final String SHA256 = "sha256-" + "A".repeat(43) + "=";
    private static final String SHA1 = "sha1-" + "A".repeat(27) + "=";

    private static final String LANTERN_1 =
            "sha512-2XmVvblSnKdBpgqcSE5ZVt3unYRRcf5L6SX0BQxXdu/tRgAw8+B1dm//71wsbFEcx1L/dfyenUm/0GGWINHtjQ==";
    private static final String LANTERN_2 =
            "sha512-1rvUYvip7Wp3zSAlXB74+VyAAssnMa993xmq2ZueG4fkwkX/fbPZY6Ydja/30VULiwIxHOOQRSQS9Jr85DRQ1g==";
    private static final String OLD_ROPE = "sha1-plxfl7KZpYfZ/8Tw88DUt7Rmzeg=";

    private static final List<String> PIECES = List.of(
            "\"",
            "'",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\n",
            "  ",
            "#",
            "&a ",
            "*a",
            "!!binary ",
            "!!int ",
            "? ",
            "| ",
            "\t",
            "\0",
            "\uD800",
            "\\uD800",
            "\uFEFF",
            "---\n",
            "...\n",
            "%YAML 9.9\n",
            "0x",
            "1e999",
            "null",
            "@",
            "(",
            "+",
            "\\",
            "sha512-",
            "git+",
            "node_modules/",
            "é",
            "\u2028",
            "<<: *a\n");

    private static final NpmEcosystem NPM = new NpmEcosystem();

    private static String text(String file) {
        return LockedFilesCollector.text("npm/" + file);
    }

    private static LockedFilesCollector read(String lock) {
        return LockedFilesCollector.of(NPM, lock);
    }

    private static Problem refused(String lock) {
        return LockedFilesCollector.refused(NPM, lock);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void npmLockIsRead(int version) {
        var found = read(text("package-lock-" + version + ".json"));
        assertEquals("package-lock.json v" + version, found.format);
        assertEquals(
                "[node_modules/@harbour/oil, node_modules/crate, node_modules/hull, node_modules/lamp, "
                        + "node_modules/lantern, node_modules/old-rope, node_modules/wick]",
                found.files.keySet().toString());
        assertEquals(
                "lantern 1.0.0 lantern-1.0.0.tgz " + LANTERN_1
                        + " http://registry.example/lantern/-/lantern-1.0.0.tgz lantern/-/lantern-1.0.0.tgz",
                found.told("node_modules/lantern"));
        assertEquals(
                "lantern 2.0.0 lantern-2.0.0.tgz " + LANTERN_2
                        + " http://registry.example/lantern/-/lantern-2.0.0.tgz lantern/-/lantern-2.0.0.tgz",
                found.told("node_modules/lamp"));
        assertTrue(
                found.told("node_modules/@harbour/oil")
                        .matches("@harbour/oil 2.1.0 oil-2.1.0.tgz sha512-2tq3\\S+ "
                                + "http://registry.example/@harbour/oil/-/oil-2.1.0.tgz @harbour/oil/-/oil-2.1.0.tgz"),
                found.told("node_modules/@harbour/oil"));
        assertTrue(
                found.told("node_modules/hull")
                        .matches("hull 3.0.0 f00d sha512-HN41\\S+ http://registry.example/download/hull/tar.gz/f00d "
                                + "hull/-/hull-3.0.0.tgz"),
                found.told("node_modules/hull"));
        assertTrue(found.told("node_modules/old-rope").contains(OLD_ROPE));
        assertEquals("""
                decks/upper: is a folder of the project
                node_modules/anchor: is a git dependency
                node_modules/crate/node_modules/nail: is in the tarball
                node_modules/peg: is a file or folder of the project
                node_modules/plank: is a folder of the project
                node_modules/upper: is a folder of the project
                parts/plank: is a folder of the project""", found.reasons());
    }

    @Test
    void npmLockWithoutUrlsIsRead() {
        var found = read(text("package-lock-3-omitted.json"));
        assertEquals(
                "lantern 2.0.0 lantern-2.0.0.tgz " + LANTERN_2 + " - lantern/-/lantern-2.0.0.tgz",
                found.told("node_modules/lamp"));
        assertTrue(found.told("node_modules/@harbour/oil").endsWith(" - @harbour/oil/-/oil-2.1.0.tgz"));
    }

    @Test
    void pnpmLockIsRead() {
        var found = read(text("pnpm-lock-9.yaml"));
        assertEquals("pnpm-lock.yaml v9.0", found.format);
        assertEquals(
                "[@harbour/oil@2.1.0, crate@1.0.0, hull@http://registry.example/download/hull/tar.gz/f00d, "
                        + "lantern@1.0.0, lantern@2.0.0, old-rope@0.1.0, wick@1.0.0]",
                found.files.keySet().toString());
        assertEquals(
                "lantern 2.0.0 lantern-2.0.0.tgz " + LANTERN_2 + " - lantern/-/lantern-2.0.0.tgz",
                found.told("lantern@2.0.0"));
        assertTrue(found.told("@harbour/oil@2.1.0")
                .matches("@harbour/oil 2.1.0 oil-2.1.0.tgz sha512-2tq3\\S+ - @harbour/oil/-/oil-2.1.0.tgz"));
        assertTrue(found.told("hull@http://registry.example/download/hull/tar.gz/f00d")
                .matches("hull 3.0.0 f00d sha512-HN41\\S+ http://registry.example/download/hull/tar.gz/f00d "
                        + "hull/-/hull-3.0.0.tgz"));
        assertEquals("""
                anchor@git+file:///home/anna/anchor#10059188ab3c1de11b395afb103a88634f74a998: is a git dependency
                peg@file:parts/peg-1.0.0.tgz: is a file or folder of the project
                plank@file:parts/plank: is a file or folder of the project""", found.reasons());
    }

    @Test
    void olderPnpmLockIsRead() {
        var found = read(text("pnpm-lock-6.yaml"));
        assertEquals("pnpm-lock.yaml v6.0", found.format);
        assertEquals(
                "lantern 2.0.0 lantern-2.0.0.tgz " + LANTERN_2 + " - lantern/-/lantern-2.0.0.tgz",
                found.told("/lantern@2.0.0(@harbour/oil@2.1.0)"));
        assertTrue(found.told("/@harbour/oil@2.1.0").startsWith("@harbour/oil 2.1.0 oil-2.1.0.tgz "));
        assertEquals("""
                @registry.example/download/hull/tar.gz/f00d: has no hash
                file:parts/peg-1.0.0.tgz: is a file or folder of the project
                file:parts/plank: is a file or folder of the project""", found.reasons());
    }

    @Test
    void pnpmLockWithPreambleIsRead() {
        var lock = text("pnpm-lock-9.yaml");
        var both = read("---\nlockfileVersion: '9.0'\npackages:\n  pnpm@11.0.0:\n    resolution: {integrity: " + SHA512
                + "}\n  wick@1.0.0:\n    resolution: {integrity: " + SHA1 + "}\n---\n" + lock);
        assertEquals(8, both.files.size());
        assertTrue(both.told("pnpm@11.0.0").contains(" pnpm-11.0.0.tgz "));
    }

    @Test
    void yarnLockIsRead() {
        var found = read(text("yarn-1.lock"));
        assertEquals("yarn.lock v1", found.format);
        assertEquals(
                "[@harbour/oil@^2.0.0, crate@^1.0.0, hull@http://registry.example/download/hull/tar.gz/f00d, "
                        + "lamp@npm:lantern@^2.0.0, lantern@^1.0.0, nail@^1.0.0, old-rope@^0.1.0, wick@^1.0.0]",
                found.files.keySet().toString());
        assertEquals(
                "lantern 2.0.0 lantern-2.0.0.tgz " + LANTERN_2
                        + " http://registry.example/lantern/-/lantern-2.0.0.tgz lantern/-/lantern-2.0.0.tgz",
                found.told("lamp@npm:lantern@^2.0.0"));
        // only the SHA-1 in the fragment of the URL
        assertEquals(
                "hull 3.0.0 f00d sha1-FDmtuXzm33EKCidwFpCvIBA4jOY= http://registry.example/download/hull/tar.gz/f00d "
                        + "hull/-/hull-3.0.0.tgz",
                found.told("hull@http://registry.example/download/hull/tar.gz/f00d"));
        assertEquals("""
                anchor@git+file:///home/anna/anchor: is a git dependency
                peg@file:parts/peg-1.0.0.tgz: is a file or folder of the project
                plank@file:parts/plank: is a file or folder of the project""", found.reasons());
    }

    @Test
    void yarnEntryAppliesToEachOfItsRanges() {
        var found =
                read("# yarn lockfile v1\r\n\r\n\"@a/b@>= 1, < 2\", \"@a/b@^1.0.0\", c@x:\r\n  version \"1.2.3\"\r\n"
                        + "  resolved \"https://h/@a/b/-/b-1.2.3.tgz#" + "0".repeat(40) + "\"\r\n");
        assertEquals("[@a/b@>= 1, < 2, @a/b@^1.0.0, c@x]", found.files.keySet().toString());
        assertEquals(
                "@a/b 1.2.3 b-1.2.3.tgz " + SHA1 + " https://h/@a/b/-/b-1.2.3.tgz @a/b/-/b-1.2.3.tgz",
                found.told("@a/b@>= 1, < 2"));
    }

    @Test
    void locksWithoutUsableHashesAreRefusedWithAMessage() {
        assertTrue(refused(text("yarn-4.lock")).detail().contains("yarn 2 and later"));
        assertTrue(refused(text("package-lock-1.json")).detail().contains("--lockfile-version 3"));
        assertTrue(refused("lockfileVersion: 5.4\npackages: {}\n").detail().contains("versions 6 and 9"));
        for (var none : List.of("", "hello", "[]", "# only a comment\n", "\uFEFF")) {
            assertTrue(refused(none).detail().contains("not a supported lockfile"), none);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sha1 sha512 sha256 | sha512",
                "sha256 sha1 | sha256",
                "sha1?x sha384-AAAA | sha1",
                "md5-AAAA==  sha1 | sha1",
            })
    void strongestHashIsUsed(String listed, String strongest) {
        var integrity = listed.replaceAll("\\bsha512\\b", SHA512)
                .replaceAll("\\bsha256\\b", SHA256)
                .replaceAll("\\bsha1\\b", SHA1);
        var hash = Integrity.parse(integrity).strongest().orElseThrow();
        assertEquals(strongest, hash.algorithm().id(), integrity);
    }

    @Test
    void firstOfTwoHashesWithTheSameAlgorithmIsUsed() {
        var other = "sha512-" + "B".repeat(85) + "A==";
        assertEquals(
                SHA512,
                Integrity.parse(SHA512 + " " + other).strongest().orElseThrow().sri());
        assertEquals(
                other,
                Integrity.parse(other + " " + SHA512).strongest().orElseThrow().sri());
    }

    private static String npm(String entry) {
        return "{\"lockfileVersion\":3,\"packages\":{\"node_modules/a\":{" + entry + "}}}";
    }

    @Test
    void invalidStoreNameIsReplacedByTheDefault() {
        var found = read(npm("\"version\":\"1.0.0+build\",\"resolved\":\"https://h/a%20b.tgz?x=1&y=2\",\"integrity\":\""
                + SHA512 + "\""));
        assertEquals("a-1.0.0.tgz", found.files.get("node_modules/a").filename().orElseThrow());
        var skipped =
                read(npm("\"version\":\"one\",\"resolved\":\"https://h/a%20b\",\"integrity\":\"" + SHA512 + "\""));
        assertEquals("{node_modules/a=has no name that a store path can have}", skipped.skipped.toString());
        var odd = read(npm("\"version\":\"1.0.0\",\"integrity\":\"sha384-" + "A".repeat(64) + "\""));
        assertEquals("{node_modules/a=has only a hash that does not determine a store path}", odd.skipped.toString());
    }

    @Test
    void errorsNameLineAndMember() {
        var lock = text("package-lock-3.json").replace("\"integrity\": \"sha512-2XmV", "\"integrity\": \"sha512-2X!V");
        var problem = refused(lock);
        var line = lock.substring(0, lock.indexOf("sha512-2X!V")).lines().count();
        assertEquals(
                "package-lock.json, line " + line + ", packages.node_modules/lantern.integrity",
                problem.field().orElseThrow());
        var pnpm = text("pnpm-lock-9.yaml").replace("sha512-2XmV", "sha512-2X!V");
        assertEquals(
                "pnpm-lock.yaml, line "
                        + pnpm.substring(0, pnpm.indexOf("sha512-2X!V")).lines().count()
                        + ", packages.lantern@1.0.0.integrity",
                refused(pnpm).field().orElseThrow());
        assertTrue(refused(
                        text("package-lock-3.json").replace("{\n   \"version\": \"2.1.0\"", "{\n   \"version\": [] "))
                .detail()
                .contains("package-lock.json, line 32, packages.node_modules/@harbour/oil.version: expected a text"));
        assertTrue(refused(npm("\"version\":\"1\",\"version\":\"2\"")).detail().contains("Duplicate"));
        assertTrue(refused(npm("") + "{}").detail().contains("more data after"));
        assertTrue(refused("{\"lockfileVersion\":3}").field().orElseThrow().contains("packages"));
        assertTrue(
                refused("lockfileVersion: '9.0'\npackages:\n  a@1.0.0:\n    resolution: {integrity: &x y}\n  b@1.0.0:\n"
                                + "    resolution: {integrity: *x}\n")
                        .detail()
                        .contains("no hash"));
        assertTrue(refused("lockfileVersion: '9.0'\npackages:\n  a@1.0.0: &x {}\n  b@1.0.0:\n"
                        + "    resolution: {integrity: *x}\n")
                .detail()
                .contains("line 5, packages.b@1.0.0.integrity: “*x”: references"));
        var yarn = refused("# yarn lockfile v1\n\na@1:\n  version 1\n<<<<<<< HEAD\n");
        assertEquals("yarn.lock, line 5", yarn.field().orElseThrow());
        assertTrue(refused("# yarn lockfile v1\n\n" + "a".repeat(60_000))
                .field()
                .orElseThrow()
                .contains("line 3"));
    }

    @Test
    void depthIsBounded() {
        for (var deep : List.of("[".repeat(100_000), "{\"a\":".repeat(100_000))) {
            refused("{\"lockfileVersion\":3,\"x\":" + deep);
            refused("lockfileVersion: '9.0'\nx: " + deep);
        }
        var bomb = new StringBuilder("lockfileVersion: '9.0'\na0: &a0 [x]\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
        }
        assertEquals(Map.of(), read(bomb.toString()).files);
    }

    /** Random changes: every lockfile is read, or refused as unreadable. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "package-lock-2.json",
                "package-lock-3.json",
                "pnpm-lock-6.yaml",
                "pnpm-lock-9.yaml",
                "yarn-1.lock"
            })
    void damagedLocksAreReadOrRefused(String file) {
        int refused = LockedFilesCollector.refused(NPM, text(file), 4000, PIECES);
        assertTrue(refused > 500 && refused < 4000, "refused " + refused);
    }
}
