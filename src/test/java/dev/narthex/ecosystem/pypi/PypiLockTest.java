package dev.narthex.ecosystem.pypi;

import static dev.narthex.ecosystem.pypi.PypiLockFixture.A;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.LANTERN_SDIST;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.LANTERN_WHEEL;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.names;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.read;
import static dev.narthex.ecosystem.pypi.PypiLockFixture.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.ecosystem.support.LockedFilesCollector;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.LockedFile;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The lockfiles in {@code locks/pypi} were written by poetry 2.1, pdm 2.20 (lock and export) and pip 25.1 for a project with
 * every kind of dependency: wheels for several platforms, source distributions, extras, a name with a dot, by URL, file, folder
 * and git. Those of uv and of poetry 1.1 were written by hand to their formats.
 */
class PypiLockTest {
    private static final String B = "b".repeat(64);

    private static LockedFile only(LockedFilesCollector found) {
        assertEquals(1, found.choices.size());
        assertEquals(1, found.choices.getFirst().size());
        return found.choices.getFirst().getFirst();
    }

    private static String sri(String hex) {
        return NixHash.parse("sha256:" + hex).sri();
    }

    private static final String FILES = """
            hull==3.0: hull-3.0-py3-none-any.whl
            lantern==1.0: lantern-1.0-py3-none-any.whl lantern-1.0.tar.gz
            oil-lamp==0.5.0: oil.lamp-0.5.0.tar.gz oil_lamp-0.5.0-py2.py3-none-any.whl
            old-rope==0.1: old-rope-0.1.tar.gz old_rope-0.1-py3-none-any.whl
            peg==1.0: peg-1.0-py3-none-any.whl
            wick==2.1.post1: wick-2.1.post1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl \
            wick-2.1.post1-cp313-cp313-win_amd64.whl wick-2.1.post1-py3-none-any.whl""";

    @Test
    void poetryLockIsRead() {
        var found = read(text("poetry-2.1.lock"));
        assertEquals("poetry.lock v2.1", found.format);
        assertEquals(FILES, names(found));
        var lantern = found.choices.get(1);
        assertEquals(
                "lantern 1.0 lantern-1.0-py3-none-any.whl " + sri(LANTERN_WHEEL) + " - files/lantern/" + LANTERN_WHEEL
                        + "/lantern-1.0-py3-none-any.whl",
                found.told(lantern.getFirst()));
        // the URL of the index is not that of a file; files locked by URL have one
        assertTrue(found.told(found.choices.getFirst().getFirst())
                .contains(" http://registry.example/download/hull-3.0-py3-none-any.whl "));
        assertEquals("""
                anchor==1.0: is a repository dependency
                plank==1.0: is a folder of the project""", found.reasons());
    }

    @Test
    void olderPoetryLockIsRead() {
        var found = read(text("poetry-1.1.lock"));
        assertEquals("poetry.lock v1.1", found.format);
        // in the order of the files; each of two versions has its own
        assertEquals(
                FILES.replace("oil-lamp==0.5.0:", "oil-lamp==0.4.0: oil.lamp-0.4.0.tar.gz\noil-lamp==0.5.0:"),
                names(found));
        assertEquals("""
                anchor==1.0: is a repository dependency
                plank==1.0: is a folder of the project""", found.reasons());
    }

    /** The files of a version are reported once, even if it is listed several times. */
    @Test
    void filesOfOlderPoetryAreAssignedToPackages() {
        var twice = read(text("poetry-1.1.lock").replace("version = \"0.4.0\"", "version = \"0.5.0.0\""));
        assertTrue(names(twice).contains("oil-lamp==0.5.0.0: oil.lamp-0.5.0.tar.gz oil_lamp-0.5.0"), names(twice));
        assertTrue(twice.reasons().contains("oil-lamp==0.5.0: has no files"), twice.reasons());
    }

    @Test
    void pdmLockIsRead() {
        var found = read(text("pdm-4.5.lock"));
        assertEquals("pdm.lock v4.5.0", found.format);
        // a package with an extra is listed twice
        assertEquals(FILES + FILES.substring(FILES.lastIndexOf('\n')), names(found));
        assertTrue(found.told(found.choices.getFirst().getFirst())
                .contains(" http://registry.example/download/hull-3.0-py3-none-any.whl "));
        assertEquals("", found.reasons());
    }

    @Test
    void uvLockIsRead() {
        var found = read(text("uv-1.lock"));
        assertEquals("uv.lock v1", found.format);
        assertEquals(
                FILES.replace(
                                "oil.lamp-0.5.0.tar.gz oil_lamp-0.5.0-py2.py3-none-any.whl",
                                "oil_lamp-0.5.0-py2.py3-none-any.whl oil.lamp-0.5.0.tar.gz")
                        .replace(" old_rope-0.1-py3-none-any.whl", ""),
                names(found));
        assertEquals(
                "lantern 1.0 lantern-1.0-py3-none-any.whl " + sri(LANTERN_WHEEL)
                        + " http://registry.example/files/lantern-1.0-py3-none-any.whl files/lantern/" + LANTERN_WHEEL
                        + "/lantern-1.0-py3-none-any.whl",
                found.told(found.choices.get(1).getFirst()));
        assertEquals(Optional.empty(), found.choices.get(4).getFirst().url());
        assertEquals("""
                anchor==1.0: is a git dependency
                plank==1.0: is a folder of the project
                ship==0.1.0: is a folder of the project""", found.reasons());
    }

    @Test
    void pipLockIsRead() {
        var found = read(text("pylock-1.0.toml"));
        assertEquals("pylock.toml v1.0", found.format);
        assertEquals("""
                hull: hull-3.0-py3-none-any.whl
                lantern==1.0: lantern-1.0-py3-none-any.whl
                oil-lamp==0.5.0: oil_lamp-0.5.0-py2.py3-none-any.whl
                old-rope==0.1: old_rope-0.1-py3-none-any.whl
                peg: peg-1.0-py3-none-any.whl
                wick==2.1.post1: wick-2.1.post1-py3-none-any.whl""", names(found));
        // files locked by URL have their version in the file name
        assertEquals("3.0", found.choices.getFirst().getFirst().version());
        assertEquals(Optional.empty(), found.choices.get(4).getFirst().url());
    }

    @Test
    void requirementsWithHashesAreRead() {
        var found = read(text("requirements.txt"));
        assertEquals("requirements.txt", found.format);
        assertEquals("""
                hull: hull-3.0-py3-none-any.whl
                lantern==1.0: a135 a7fd
                oil-lamp==0.5.0: 0387 b6b1
                old-rope==0.1: 4aa1 c591
                peg: peg-1.0-py3-none-any.whl
                wick==2.1.post1: b9cb c3a0 dc12""", names(found));
        assertEquals(
                "lantern 1.0 - " + sri(LANTERN_SDIST) + " - files/lantern/" + LANTERN_SDIST + "/-",
                found.told(found.choices.get(1).getFirst()));
        assertEquals("", found.reasons());
    }

    @Test
    void requirementLinesAreParsedLikePip() {
        var found =
                read("\uFEFF# by hand\n--index-url https://h/simple\n-c constraints.txt\n-r other.txt # more\n\n-e .\n"
                        + "a==1.0;python_version>'3' --hash=sha256:" + A + "   # via b\r\n"
                        + "Name[x, y] == 1.0 ; sys_platform == \"linux\" \\\r\n  --config-settings=k=v \\\n --hash sha256:"
                        + A
                        + " \\\n --hash=\"sha256:" + B.toUpperCase(Locale.ROOT) + "\"\n"
                        + "c (===2.0) --hash=sha256:" + A + " \\\n# a comment ends the line\n    --hash=sha256:" + B
                        + "\n"
                        + "https://h/nx_y-1.0%2Bz-py3-none-any.whl#sha256=" + A + "\n"
                        + "d@https://h/d-2.tar.gz#egg=d&sha512=" + A + B + " ; x\n"
                        + "./e-1.0.tar.gz\nhttps://h/#sha256=" + A + "\nf @ git+https://h/f.git@main --hash=sha256:" + A
                        + "\ng>=1 --hash=sha256:"
                        + A
                        + "\ng==1.* --hash=sha256:" + A + "\ng==1,>0 --hash=sha256:" + A + "\nh==1\n"
                        + "i==1 --hash=sha384:" + "a".repeat(96) + "\nj==1 \\");
        assertEquals("""
                a==1.0: aaaa
                Name==1.0: aaaa bbbb
                c==2.0: aaaa
                nx_y: nx_y-1.0+z-py3-none-any.whl
                d: d-2.tar.gz""", names(found));
        assertEquals(
                "x+y",
                read("https://h/x-1.0-py3-none-any.whl#sha256=" + A)
                                .choices
                                .getFirst()
                                .getFirst()
                                .name() + "+y");
        // name and version come from the URL if there is nothing else
        var named = found.choices.get(3).getFirst();
        assertEquals("nx_y 1.0+z", named.name() + " " + named.version());
        assertEquals("""
                -r other.txt: refers to another file
                -e .: is a folder of the project or a repository
                ./e-1.0.tar.gz: is a file or folder of the project
                https://h/#sha256=%s: has no name that a store path can have
                f @ git+https://h/f.git@main: is a repository dependency
                g>=1: is not pinned to one version by ==
                g==1.*: is not pinned to one version by ==
                g==1,>0: is not pinned to one version by ==
                h==1: has no hash
                i==1: has only a hash that does not determine a store path
                j==1: has no hash""".formatted(A), found.reasons());
    }

    private static String pylock(String members) {
        return "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1.0\"\n" + members;
    }

    @Test
    void pylockIsReadInEveryTomlSyntax() {
        var hashes = "hashes = {md5 = \"00\", sha512 = \"" + A + B + "\", sha256 = \"" + A + "\"}";
        var inline = read(pylock("sdist = {url = \"https://h/a-1.0.tar.gz?x#y\", " + hashes + "}\nwheels = [\n"
                + "  {path = \"wheels/a-1.0-py3-none-any.whl\", " + hashes + "}, # the first\n"
                + "  {name = \"a-1.0-cp313-cp313-win_amd64.whl\", url = \"https://h/f00d\", " + hashes + "},\n]\n"));
        assertEquals("a==1.0: a-1.0-py3-none-any.whl a-1.0-cp313-cp313-win_amd64.whl a-1.0.tar.gz", names(inline));
        assertTrue(inline.choices.getFirst().stream()
                .allMatch(file -> file.hash().hex().equals(A)));
        var whole = read(
                "lock-version = \"1.0\"\npackages = [{name = \"a\", version = \"1.0\", sdist = {name = \"a-1.0.tar.gz\", "
                        + "hashes = {sha512 = \"" + A + B + "\"}}}]\n");
        assertEquals(A + B, only(whole).hash().hex());
        // no URL contains this hash
        assertTrue(whole.told(only(whole)).endsWith(" packages/source/a/a/a-1.0.tar.gz"), whole.told(only(whole)));
        var quoted = read(
                "\"lock-version\" = '1.0'\n[[ \"packages\" ]]\nname = \"\"\"a\"\"\"\nmarker = '''\n[[packages]]\nname='b'\n'''\n"
                        + "description = \"\"\"\nsay \\\"\"\" [[packages]] \"\"\"\"\"\n [ packages . 'sdist' ]\nname = \"a-1.0.tar.gz\" # ]]\n"
                        + "[packages.\"sdist\".hashes]\nsha256 = \"" + A + "\"\n[tool.x]\ny = [\n[1],\n[[2]],\n]\n");
        assertEquals("a: a-1.0.tar.gz", names(quoted));
        assertEquals(
                "{b=has no files in the lock}",
                read("lock-version='1.1'\n[[packages]]\nname='b'\n").skipped.toString());
        assertEquals("pylock.toml v1.0", read("lock-version = \"1.0\"\ncreated-by = \"x\"\npackages = []\n").format);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[packages.vcs]                     | is a repository dependency, for which there is no hash",
                "[packages.directory]               | is a folder of the project",
                "wheels = []                        | has no files in the lock",
                "wheels = [{name='a.whl'}]          | has no hash in the lock",
                "wheels = [{name='a.whl',hashes={md5='00'}}] | has only a hash that does not determine a store path",
            })
    void packagesWithoutHashedFilesAreReported(String members, String reason) {
        assertEquals("{a==1.0=" + reason + "}", read(pylock(members)).skipped.toString());
    }

    @Test
    void fileWithAnInvalidStoreNameIsSkipped() {
        var odd = read(
                "version = 1\n[[package]]\nname='a'\nversion='1!2'\nwheels=[{url='https://h/a-1%212-py3-none-any.whl', hash='sha256:"
                        + A + "'}]\n");
        assertEquals("{a==1!2=has no name that a store path can have}", odd.skipped.toString());
    }
}
