package dev.narthex.ecosystem.support;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** Hostile trees for readers of Python projects. */
final class HostilePypiTreesFixture extends HostileTreeRows {
    private static final String INFO = SITE + "nx_lantern-3.2.1.dist-info/";
    private static final String METADATA = "Metadata-Version: 2.1\nName: nx-lantern\nVersion: 3.2.1\n";
    private static final String WHEEL = "Wheel-Version: 1.0\nTag: py3-none-any\n";

    /** Grouped by theme. */
    static List<HostileTreesFixture.Row> all() {
        var trees = new HostilePypiTreesFixture();
        trees.projects();
        trees.metadata();
        trees.wheels();
        trees.scriptsAndData();
        return trees.rows;
    }

    private void pypi(String trap, String told, UnaryOperator<StorePathFixture> change) {
        row(
                trap,
                tree -> change.apply(tree.file(INFO + "METADATA", METADATA)
                        .file(INFO + "WHEEL", WHEEL)
                        .file(SITE + "nx_lantern.py", "LIT = 1\n")),
                "npm wick 1.0.0 offered",
                told.startsWith("pypi ")
                        ? told
                        : "pypi nx-lantern 3.2.1" + (told.isEmpty() ? " offered" : ": " + told));
    }

    /** So invalid that it is known by the name of its folder only. */
    private void pypiRefused(String trap, String reason, UnaryOperator<StorePathFixture> change) {
        pypi(trap, "pypi nx_lantern 3.2.1: " + reason, change);
    }

    private void projects() {
        var twice = "site-packages has more than one dist-info folder for it";
        row(
                "two dist-info folders of one project",
                tree -> tree.file(INFO + "METADATA", METADATA)
                        .file(INFO + "WHEEL", WHEEL)
                        .file(INFO.replace("3.2.1", "3.2.0") + "METADATA", METADATA.replace("3.2.1", "3.2.0"))
                        .file(INFO.replace("3.2.1", "3.2.0") + "WHEEL", WHEEL),
                "npm wick 1.0.0 offered",
                "pypi nx_lantern 3.2.0: " + twice,
                "pypi nx_lantern 3.2.1: " + twice);
        row(
                "one project in two spellings",
                tree -> tree.file(INFO + "METADATA", METADATA)
                        .file(INFO + "WHEEL", WHEEL)
                        .file(SITE + "Nx.Lantern-3.2.1.dist-info/METADATA", METADATA)
                        .file(SITE + "Nx.Lantern-3.2.1.dist-info/WHEEL", WHEEL),
                "npm wick 1.0.0 offered",
                "pypi Nx.Lantern 3.2.1: " + twice,
                "pypi nx_lantern 3.2.1: " + twice);
        pypi(
                "dist-info that is a link or a file",
                "",
                tree -> tree.link(SITE + "oil-1.0.dist-info", "nx_lantern-3.2.1.dist-info")
                        .file(SITE + "tar-1.0.dist-info", "1\n"));
        row(
                "two projects, one without RECORD",
                tree -> tree.file(INFO + "METADATA", METADATA)
                        .file(INFO + "WHEEL", WHEEL)
                        .file(SITE + "oil.py", "1\n")
                        .file(SITE + "oil-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: oil\nVersion: 1.0\n")
                        .file(SITE + "oil-1.0.dist-info/WHEEL", WHEEL)
                        .file(SITE + "oil-1.0.dist-info/RECORD", """
                                oil.py,,
                                nx_lantern-3.2.1.dist-info/METADATA,,
                                ../../../../../../../../etc/passwd,,
                                /etc/passwd,,
                                """),
                "npm wick 1.0.0 offered",
                "pypi nx-lantern 3.2.1: its RECORD cannot be read, and other projects lie beside it",
                "pypi oil 1.0 offered");
        row(
                "old installers' notes alone",
                tree -> tree.file(SITE + "oil-1.0-py3.13.egg-info/PKG-INFO", "Name: oil\nVersion: 1.0\n")
                        .file(SITE + "tar-2.0.egg-info", "Name: tar\nVersion: 2.0\n"),
                "npm wick 1.0.0 offered",
                "pypi oil 1.0: it was installed without a wheel, and has no dist-info",
                "pypi tar 2.0: it was installed without a wheel, and has no dist-info");
        row(
                "a dist-info folder with no name, and one whose name is not UTF-8",
                tree -> tree.file(SITE + ".dist-info/METADATA", METADATA).file(SITE + "o\uDCFF.dist-info/x", ""),
                "npm wick 1.0.0 offered",
                "pypi  : its METADATA is that of another project or version",
                "pypi o\uFFFD : its dist-info has no METADATA text of at most 1 MiB");
        row(
                "201 projects",
                tree -> {
                    for (int i = 0; i < 201; i++) {
                        tree.file(SITE + "p" + i + "-1.dist-info/METADATA", METADATA);
                    }
                    return tree;
                },
                "npm wick 1.0.0 offered",
                "pypi lib/python3.13/site-packages : more than 200 projects in one path are a collection of projects of others");
    }

    private void metadata() {
        var unread = "its dist-info has no METADATA text of at most 1 MiB";
        var unnamed = "its METADATA has not one name and version, as projects have them";
        row(
                "no METADATA",
                tree -> tree.file(INFO + "WHEEL", WHEEL),
                "npm wick 1.0.0 offered",
                "pypi nx_lantern 3.2.1: " + unread);
        pypiRefused(
                "METADATA that is not UTF-8",
                unread,
                tree -> tree.file(
                        INFO + "METADATA", (METADATA + "Summary: \u00e9\n").getBytes(StandardCharsets.ISO_8859_1)));
        pypiRefused("METADATA with a zero", unread, tree -> tree.file(INFO + "METADATA", METADATA + "Summary: \0\n"));
        pypiRefused(
                "METADATA of 2 MB", unread, tree -> tree.file(INFO + "METADATA", METADATA + " x\n".repeat(700_000)));
        pypiRefused(
                "METADATA that is a link out",
                INFO + "METADATA" + LEADS_OUT,
                tree -> tree.link(INFO + "METADATA", "/etc/passwd"));
        pypiRefused(
                "METADATA of another project",
                "its METADATA is that of another project or version",
                tree -> tree.file(INFO + "METADATA", METADATA.replace("nx-lantern", "oil")));
        pypiRefused(
                "METADATA of another version",
                "its METADATA is that of another project or version",
                tree -> tree.file(INFO + "METADATA", METADATA.replace("3.2.1", "3.2.2")));
        pypiRefused("a second name", unnamed, tree -> tree.file(INFO + "METADATA", METADATA + "Name: oil\n"));
        pypiRefused(
                "a second name behind a lone carriage return",
                unnamed,
                tree -> tree.file(INFO + "METADATA", METADATA + "Summary: x\rName: oil\n"));
        pypiRefused(
                "a name in two lines",
                unnamed,
                tree -> tree.file(INFO + "METADATA", METADATA.replace("nx-lantern", "nx-lantern\n Evil: x")));
        pypiRefused("a name behind what is no header", unnamed, tree -> tree.file(INFO + "METADATA", "x\n" + METADATA));
        pypi(
                "markup in the description",
                "",
                tree -> tree.file(INFO + "METADATA", METADATA + "\n<script>alert(1)</script>\n"));
        row(
                "a name that is a trap",
                tree -> tree.file(
                        SITE + "requirements_txt-1.0.dist-info/METADATA",
                        "Metadata-Version: 2.1\nName: requirements.txt\nVersion: 1.0\n"),
                "npm wick 1.0.0 offered",
                "pypi requirements_txt 1.0: " + unnamed);
    }

    private void wheels() {
        row(
                "no WHEEL",
                tree -> tree.file(INFO + "METADATA", METADATA),
                "npm wick 1.0.0 offered",
                "pypi nx-lantern 3.2.1: it was not installed from a wheel: its dist-info has no WHEEL file");
        pypi(
                "a wheel of tomorrow",
                "its WHEEL file is of a version that installers do not know",
                tree -> tree.file(INFO + "WHEEL", WHEEL.replace("1.0", "2.0")));
        pypi(
                "a wheel of no version",
                "its WHEEL file is of a version that installers do not know",
                tree -> tree.file(INFO + "WHEEL", "Tag: py3-none-any\n"));
        pypi(
                "a wheel without tags",
                "its WHEEL file has no tags that installers read",
                tree -> tree.file(INFO + "WHEEL", "Wheel-Version: 1.0\n"));
        pypi(
                "a wheel for one system",
                "it was built for one system: linux_x86_64",
                tree -> tree.file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: cp313-cp313-linux_x86_64\n"));
        pypi(
                "tags that are no set",
                "the tags in its WHEEL file cannot be written as a file name",
                tree -> tree.file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-abi3-any\n"));
        pypi(
                "a tag that leads elsewhere",
                "its dist-info has no file name that installers accept",
                tree -> tree.file(INFO + "WHEEL", "Wheel-Version: 1.0\nTag: ../x-none-any\n"));
        pypi(
                "a build number that leads elsewhere",
                "its dist-info has no file name that installers accept",
                tree -> tree.file(INFO + "WHEEL", WHEEL + "Build: 1/../x\n"));
        pypi(
                "a folder that wheels have for something else",
                "nx_lantern-3.2.1.data has another meaning in a wheel than in site-packages",
                tree -> tree.file(SITE + "nx_lantern-3.2.1.data/scripts/ls", "#!/bin/sh\n"));
        pypi(
                "a file that installers take for such a folder",
                "x.data has another meaning in a wheel than in site-packages",
                tree -> tree.file(SITE + "x.data", ""));
        pypi("what was compiled", "", tree -> tree.file(SITE + "__pycache__/nx_lantern.cpython-313.pyc", STORE + "-x"));
        pypi("native code", "_c.so" + NATIVE, tree -> tree.file(SITE + "_c.so", "\u007fELF\2\1\1"));
        pypi(
                "native code that names the store",
                "_c.so" + NATIVE,
                tree -> tree.file(SITE + "_c.so", "\u007fELF" + STORE + "-glibc/lib"));
        pypi(
                "text that names the store",
                "where.py" + NAMES_STORE,
                tree -> tree.file(SITE + "where.py", "LIB = '" + STORE + "-zlib/lib/libz.so'\n"));
        pypi("lines that Python runs at every start", "", tree -> tree.file(SITE + "nx.pth", "import nx_lantern\n"));
        pypi(
                "such lines that name the store",
                "nx.pth" + NAMES_STORE,
                tree -> tree.file(SITE + "nx.pth", STORE + "-other/" + SITE));
        pypi("a link out", SITE + "x" + LEADS_OUT, tree -> tree.link(SITE + "x", "/etc"));
        pypi("a link to nowhere", "", tree -> tree.link(SITE + "x", "gone"));
        pypi(
                "a folder in itself",
                "x/".repeat(32) + "nx_lantern-3.2.1.dist-info is nested too deeply, or within cyclic links",
                tree -> tree.link(SITE + "x", "."));
        pypi(
                "names that differ in case",
                "nx_lantern.py has a name that differs from another one only in case or form",
                tree -> tree.file(SITE + "NX_LANTERN.py", ""));
        pypi(
                "a name with a backslash",
                "..\\x.py has a name that is not valid on every system",
                tree -> tree.file(SITE + "..\\x.py", ""));
        pypi(
                "a name that is not UTF-8",
                "\uFFFD.py has a name that is not UTF-8",
                tree -> tree.file(SITE + "\uDCFF.py", ""));
        pypi("a bomb", BOMB, tree -> tree.file(SITE + "zeros", new byte[40 << 20]));
        pypi("as many files as are too many", "a wheel of it would have more than 65,534 files or 4 GiB", tree -> {
            for (int i = 0; i < 65_534; i++) {
                tree.file(SITE + "d/" + i, new byte[0]);
            }
            return tree;
        });
    }

    private void scriptsAndData() {
        pypi("a RECORD of what is not there and not its own", "", tree -> tree.file(INFO + "RECORD", """
                nx_lantern.py,sha256=wrong,99
                gone.py,,
                /etc/passwd,,
                ../../../../../../../etc/passwd,,
                ../../../gone,,
                ../../../bin,,
                ../../../bin/gone,,
                ,,
                "
                """));
        pypi("a RECORD of commas", "", tree -> tree.file(INFO + "RECORD", ",".repeat(8 << 20)));
        pypi("a RECORD of very many lines", "", tree -> tree.file(INFO + "RECORD", "x\n".repeat(4 << 20)));
        pypi(
                "a RECORD of deep folders",
                "",
                tree -> tree.file(INFO + "RECORD", ("a/".repeat(510) + "\n").repeat(8000)));
        pypi(
                "a command that would lie elsewhere",
                "entry_points.txt has a command that no file can be named by: ../../evil",
                tree -> tree.file(INFO + "entry_points.txt", "[console_scripts]\n../../evil = x:y\n"));
        pypi(
                "entry points that are none",
                "",
                tree -> tree.file(INFO + "entry_points.txt", "[console_scripts\n= x\n[]\n[a]\n../x = y\n\u0001\n"));
        pypi(
                "a wrapped script",
                "",
                tree -> script(tree, "light")
                        .script("bin/light", "\u007fELF" + STORE + "-x")
                        .script("bin/.light-wrapped", "#!" + STORE + "-python3/bin/python3.13\nprint(1)\n"));
        pypi(
                "a script that names the store",
                "bin/light" + NAMES_STORE,
                tree -> script(tree, "light").script("bin/light", "#!/bin/sh\nexec " + STORE + "-x/bin/x\n"));
        pypi(
                "a script that is a link",
                "",
                tree -> script(tree, "light")
                        .script("share/light", "#!" + STORE + "-python3/bin/python3.13\n")
                        .link("bin/light", "../share/light"));
        pypi(
                "a script that is a link out",
                "bin/light" + LEADS_OUT,
                tree -> script(tree, "light").link("bin/light", "/bin/sh"));
        pypi(
                "a script with a backslash in its name",
                "bin/..\\..\\evil.bat has a name that is not valid on every system",
                tree -> script(tree, "..\\..\\evil.bat").script("bin/..\\..\\evil.bat", "#!/bin/sh\n"));
        pypi(
                "scripts that differ in case",
                "two of its files would have one place in a wheel, for some systems at least",
                tree -> tree.file(INFO + "RECORD", "../../../bin/Light,,\n../../../bin/light,,\n")
                        .script("bin/Light", "#!/bin/sh\n")
                        .script("bin/light", "#!/bin/sh\n"));
        pypi(
                "data that is a link out",
                "share/x" + LEADS_OUT,
                tree -> tree.file(INFO + "RECORD", "../../../share/x,,\n").link("share/x", "/etc/passwd"));
        pypi(
                "a script too large to be one",
                "bin/light is a program and no script",
                tree -> script(tree, "light").file("bin/light", new byte[(1 << 20) + 1]));
    }

    private static StorePathFixture script(StorePathFixture tree, String name) {
        return tree.file(INFO + "RECORD", "../../../bin/" + name + ",,\n");
    }
}
