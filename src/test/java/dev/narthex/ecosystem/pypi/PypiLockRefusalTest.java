package dev.narthex.ecosystem.pypi;

import static dev.narthex.ecosystem.pypi.PypiLockFixture.A;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.LANTERN_SDIST;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.LANTERN_WHEEL;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.PYPI;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.names;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.read;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.LockedFilesCollector;
import dev.narthex.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lockfiles of unsupported versions, or that are malformed, unbounded or damaged, are refused with a message that names the
 * place.
 */
class PypiLockRefusalTest {
    private static final List<String> PIECES = List.of(
            "\"",
            "'",
            "\"\"\"",
            "'''",
            "{",
            "}",
            "[",
            "]",
            "[[package]]\n",
            "[metadata]\n",
            "[package.source]\n",
            "=",
            "==",
            ",",
            "\n",
            "\r",
            "\\\n",
            "#",
            " # ",
            "\t",
            "\0",
            "\uD800",
            "\\uD800",
            "\\U00110000",
            "\uFEFF",
            "0x",
            "1e999",
            "9".repeat(1200),
            "2025-99-99",
            "sha256:",
            "sha512:",
            "md5:00",
            "--hash=",
            "--hash ",
            "-r x",
            "-e .",
            " @ ",
            "git+https://h/x",
            "file:///x",
            "%zz",
            ";",
            "é",
            "\u2028",
            "true",
            "inf",
            "a.b.c = 1\n",
            "files = 1\n",
            "lock-version = 3\n",
            "version = 1\n",
            "url = []\n");

    private static Problem refused(String lock) {
        return LockedFilesCollector.refused(PYPI, lock);
    }

    @Test
    void unsupportedLockVersionsAreRefusedWithAMessage() {
        assertTrue(refused("lock-version = \"2.0\"\n").detail().contains("version 1.0"));
        assertTrue(refused("version = 2\n").detail().contains("version 1"));
        assertTrue(refused(text("poetry-1.1.lock").replace("lock-version = \"1.1\"", "lock-version = \"1.0\""))
                .detail()
                .contains("1.1 and 2"));
        assertTrue(refused(text("pdm-4.5.lock").replace("lock_version = \"4.5.0\"", "lock_version = \"4.3\""))
                .detail()
                .contains("since 4.4"));
        assertTrue(refused("[package]\nname = \"cargo\"\n").detail().contains("array of tables"));
        assertTrue(refused("[metadata]\n").detail().contains("poetry"));
        for (var none :
                List.of("", "hello", "a==1.0\nb==2.0\n", "# only a comment\n", "\uFEFF", "{\"lockfileVersion\":3}")) {
            assertTrue(refused(none).detail().contains("supported lockfiles: requirements.txt"), none);
        }
    }

    @Test
    void errorsNameLineAndMember() {
        var uv = text("uv-1.lock");
        var line = uv.substring(0, uv.indexOf("[[package]]\nname = \"lantern\""))
                        .lines()
                        .count()
                + 1;
        assertEquals(
                "uv.lock, line " + line + ", package.lantern.wheels.hash",
                refused(uv.replace("sha256:" + LANTERN_WHEEL, "sha256:" + LANTERN_WHEEL.substring(1)))
                        .field()
                        .orElseThrow());
        assertEquals(
                "requirements.txt, line 6",
                refused(text("requirements.txt").replace("sha256:" + LANTERN_SDIST, "sha256:x"))
                        .field()
                        .orElseThrow());
        assertEquals(
                "uv.lock, line " + (line + 2),
                refused(uv.replace("version = \"1.0\"\nsource = { registry", "version = 1.0.0\nsource = { registry"))
                        .field()
                        .orElseThrow());
        assertEquals(
                "poetry.lock, line 6, package.a.version",
                refused("[metadata]\n\n\n\n\n[[package]]\nname = 'a'\nversion = []\n")
                        .field()
                        .orElseThrow());
        assertEquals(
                "poetry.lock, line 1, package.name",
                refused("[[package]]\nversion = '1'\n").field().orElseThrow());
        assertTrue(refused("[[package]]\nname = 'a'\nname = 'b'\n").detail().contains("Duplicate"));
        assertTrue(refused("[[package]]\nname = 'a'\nfiles = [1]\n").detail().contains("expected a table"));
        assertTrue(refused("[[package]]\nname = 'a'\nfiles = {}\n").detail().contains("expected an array"));
        assertTrue(refused("a==1 --hash=sha256:" + A + "\n???\n")
                .field()
                .orElseThrow()
                .endsWith("line 2"));
    }

    @Test
    void linesTablesAndDepthAreBounded() {
        assertTrue(refused("[[package]]\nname = 'a'\nx = '" + "y".repeat(300_000))
                .detail()
                .contains("line 3"));
        assertTrue(refused("[[package]]\nname = 'a'\nx = [\n" + "'y',\n".repeat(200_000))
                .detail()
                .contains("524288"));
        assertTrue(refused("[a]\n".repeat(200_001)).detail().contains("200000"));
        for (var deep : List.of("[", "{a=", "{a=[")) {
            refused("[[package]]\nname = 'a'\nx = " + deep.repeat(50_000));
            refused("[[package]]\nname = 'a'\nx = " + deep.repeat(40));
        }
        refused("[[package]]\nname = 'a'\n" + "x.".repeat(50_000) + "y = 1");
        assertTrue(refused("a==1 " + "x".repeat(70_000)).detail().contains("line 1"));
        assertTrue(refused("a==1 \\\n" + ("--hash=sha256:" + A + " \\\n").repeat(4000))
                .detail()
                .contains("262144"));
        // a table that is not a package may be long, like the files of older poetry
        var files = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            files.append("p")
                    .append(i)
                    .append(" = [{file = 'p-1.0.tar.gz', hash = 'sha256:")
                    .append(A)
                    .append("'}]\n");
        }
        var long1 = read(
                "[[package]]\nname = 'p19999'\nversion = '1.0'\n[metadata]\nlock-version = '1.1'\n[metadata.files]\n"
                        + files);
        assertEquals("p19999==1.0: p-1.0.tar.gz", names(long1));
    }

    /** Random changes: every lockfile is read, or refused as unreadable. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "poetry-1.1.lock",
                "poetry-2.1.lock",
                "pdm-4.5.lock",
                "uv-1.lock",
                "pylock-1.0.toml",
                "requirements.txt"
            })
    void damagedLocksAreReadOrRefused(String file) {
        int refused = LockedFilesCollector.refused(PYPI, text(file), 4000, PIECES);
        assertTrue(refused > 500 && refused < 4000, "refused " + refused);
    }
}
