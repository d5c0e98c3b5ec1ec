package dev.narthex.ecosystem.support;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Every way that is known to us in which a tree is not what it should be, and what is told of it: each package with
 * "offered", or with the reason why not. Beside each trap stands an honest package that must be offered all the same.
 */
public final class HostileTreesFixture {
    private static final String NPM = "lib/node_modules/";
    private static final String LANTERN = NPM + "lantern/";
    private static final String SITE = "lib/python3.13/site-packages/";
    private static final String INFO = SITE + "nx_lantern-3.2.1.dist-info/";
    private static final String STORE = "/nix/store/" + NarCandidate.HASH;
    private static final String METADATA = "Metadata-Version: 2.1\nName: nx-lantern\nVersion: 3.2.1\n";
    private static final String WHEEL = "Wheel-Version: 1.0\nTag: py3-none-any\n";
    private static final String NAMES_STORE = " names a path in /nix/store, which other machines do not have";
    private static final String NATIVE = " is native code, built for one kind of system";
    private static final String LEADS_OUT = " is a link that leads out of the package";
    private static final String BOMB = "packed it has less than a 200th of its size, as only attacks have";

    private final List<Row> rows = new ArrayList<>();

    /**
     * @param trap what is wrong with it
     * @param told in the order of the ecosystems' ids, then of the tree
     */
    public record Row(String trap, UnaryOperator<StorePathFixture> change, List<String> told) {
        /** With the honest package beside it. */
        public NarCandidate tree() {
            var planted = new StorePathFixture()
                    .file(NPM + "wick/package.json", json("wick", "1.0.0"))
                    .file(NPM + "wick/index.js", "module.exports = 1\n");
            return change.apply(planted).path("lantern-3.2.1");
        }

        @Override
        public String toString() {
            return trap;
        }
    }

    private HostileTreesFixture() {}

    public static List<Row> all() {
        var trees = new HostileTreesFixture();
        trees.placesOfPackages();
        trees.manifests();
        trees.links();
        trees.names();
        trees.contents();
        trees.projects();
        trees.metadata();
        trees.wheels();
        trees.scriptsAndData();
        return trees.rows;
    }

    private static String json(String name, String version) {
        return "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"}";
    }

    /** @param told of lantern, if it is not offered */
    private void npm(String trap, String told, UnaryOperator<StorePathFixture> change) {
        row(trap, change, "npm lantern 3.2.1" + (told.isEmpty() ? " offered" : ": " + told));
    }

    /** A tree that has lantern as it should be, and then a trap. */
    private void lantern(String trap, String told, UnaryOperator<StorePathFixture> change) {
        npm(trap, told, tree -> change.apply(tree.file(LANTERN + "package.json", json("lantern", "3.2.1"))));
    }

    private void packageJson(String trap, String told, String text) {
        row(trap, tree -> tree.file(LANTERN + "package.json", text), "npm lantern " + told);
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

    /** So wrong that it is known by the name of its folder only. */
    private void pypiRefused(String trap, String reason, UnaryOperator<StorePathFixture> change) {
        pypi(trap, "pypi nx_lantern 3.2.1: " + reason, change);
    }

    private void row(String trap, UnaryOperator<StorePathFixture> change, String... told) {
        var all = new ArrayList<>(List.of(told));
        if (!all.contains("npm wick 1.0.0 offered")) {
            all.add("npm wick 1.0.0 offered");
        }
        all.removeIf(String::isEmpty);
        rows.add(new Row(trap, change, List.copyOf(all)));
    }

    private void placesOfPackages() {
        lantern(
                "dependencies that it was built with",
                "",
                tree -> tree.file(LANTERN + "node_modules/oil/package.json", json("oil", "1.0.0"))
                        .file(LANTERN + "node_modules/oil/x.js", STORE + "-x"));
        row(
                "a workspace that lies elsewhere, below a scope",
                tree -> tree.file("packages/oil/package.json", json("@harbour/oil", "2.0.0"))
                        .link(NPM + "@harbour/oil", "../../../packages/oil"),
                "npm @harbour/oil 2.0.0 offered");
        row(
                "links to nowhere and to other paths are workspaces of others",
                tree -> tree.link(NPM + "gone", "../../packages/gone")
                        .link(NPM + "other", STORE.replace('8', '9') + "-other/lib/node_modules/other")
                        .link(NPM + "@scope", "/etc"));
        lantern("a second way to the same package", "", tree -> tree.link(NPM + "alias", "lantern"));
        row(
                "a package in the place of another",
                tree -> tree.file(NPM + "oil/package.json", json("lantern", "3.2.1")),
                "npm oil 3.2.1: its package.json has another name: lantern");
        row(
                "a scoped package without its scope",
                tree -> tree.file(NPM + "oil/package.json", json("@harbour/oil", "1.0.0")),
                "npm oil 1.0.0: its package.json has another name: @harbour/oil");
        row("a folder without package.json", tree -> tree.file(NPM + "oil/index.js", "1\n"));
        row("a package.json that is a folder", tree -> tree.file(NPM + "oil/package.json/x", "1\n"));
        row(
                "a folder whose name is not UTF-8",
                tree -> tree.file(NPM + "o\uDCFFl/package.json", json("oil", "1.0.0")),
                "npm o\uFFFDl 1.0.0: its package.json has another name: oil");
        row(
                "a name that npm does not take",
                tree -> tree.file(NPM + "__proto__/package.json", json("__proto__", "1.0.0")),
                "npm __proto__ 1.0.0: its package.json has no name and version that npm accepts");
        row(
                "packages of what it was built with only",
                tree -> tree.file(NPM + ".store/x/package.json", json("x", "1.0.0")));
    }

    private void manifests() {
        var unread = ": its package.json is no JSON object in UTF-8 of at most 1 MiB";
        var unnamed = ": its package.json has no name and version that npm accepts";
        packageJson("no JSON", unread, "{\"name\":");
        packageJson("nothing", unread, "");
        packageJson("two objects", unread, json("lantern", "3.2.1") + "{}");
        packageJson("a list", unread, "[" + json("lantern", "3.2.1") + "]");
        packageJson("not UTF-8", unread, "{\"name\":\"lantern\",\"version\":\"3.2.1\"\0");
        row(
                "UTF-16",
                tree -> tree.file(
                        LANTERN + "package.json", json("lantern", "3.2.1").getBytes(StandardCharsets.UTF_16)),
                "npm lantern " + unread);
        row("50 MB", tree -> tree.file(LANTERN + "package.json", new byte[50_000_000]), "npm lantern " + unread);
        packageJson("nested without end", unread, "{\"x\":" + "[".repeat(400_000));
        packageJson(
                "nested deep",
                "3.2.1 offered",
                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"x\":" + "[".repeat(990) + "]".repeat(990) + "}");
        packageJson(
                "dependencies nested deep",
                "3.2.1 offered",
                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"dependencies\":" + "{\"x\":".repeat(990) + "1"
                        + "}".repeat(990) + "}");
        packageJson(
                "members twice: the last counts",
                "3.2.1 offered",
                "{\"name\":\"x\",\"version\":\"1.0.0\"," + "\"name\":\"lantern\",\"version\":\"3.2.1\"}");
        packageJson("a name of another type", unnamed, "{\"name\":5,\"version\":{}}");
        packageJson("no version", unnamed, "{\"name\":\"lantern\"}");
        packageJson("a version that is none", unnamed, "{\"name\":\"lantern\",\"version\":\"latest\"}");
        packageJson(
                "private",
                "3.2.1: its package.json says \"private\": true",
                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"private\":true}");
        packageJson(
                "private as a word, and no version",
                ": its package.json says \"private\": true",
                "{\"name\":\"lantern\",\"private\":\"true\"}");
        packageJson("members of wrong types", "3.2.1 offered", """
                {"name":"lantern","version":"3.2.1","bin":[1,{}],"dependencies":[1],"devDependencies":{"a":{},"__proto__":"1",
                 "../../x":"1","b":null},"keywords":{"a":1},"author":[[]],"scripts":"x","license":[1],"repository":7,
                 "bundleDependencies":[1,"../../../x"],"__proto__":{"private":true},"constructor":{"name":"x"},
                 "homepage":"javascript:alert(1)","description":{"a":1},"n":1e999999999,"os":5,"engines":"node","dist":{"x":1}}""");
        packageJson(
                "markup in its words",
                "3.2.1 offered",
                "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"description\":\"<script>alert(1)</script>\\ud800\\u0000\"}");
        row(
                "a package.json that a link within the path leads to",
                tree -> tree.file("share/p.json", json("lantern", "3.2.1"))
                        .link(LANTERN + "package.json", "../../../share/p.json"),
                "npm lantern 3.2.1 offered");
        row(
                "a package.json that a link out of the path leads to",
                tree -> tree.link(LANTERN + "package.json", "/etc/package.json"),
                "npm lantern : " + LANTERN + "package.json" + LEADS_OUT);
        row(
                "201 packages",
                tree -> {
                    for (int i = 0; i < 201; i++) {
                        tree.file(NPM + "p" + i + "/package.json", json("p" + i, "1.0.0"));
                    }
                    return tree;
                },
                "npm lib/node_modules : more than 200 packages in one path are a collection of packages of others");
        var collection = rows.removeLast();
        rows.add(new Row(
                collection.trap(), collection.change(), collection.told().subList(0, 1)));
    }

    private void links() {
        lantern(
                "a link to a file of the machine",
                LANTERN + "x" + LEADS_OUT,
                tree -> tree.link(LANTERN + "x", "/etc/passwd"));
        lantern("a link up and out", LANTERN + "x" + LEADS_OUT, tree -> tree.link(LANTERN + "x", "../../../../x"));
        lantern(
                "a link out and in again",
                LANTERN + "x" + LEADS_OUT,
                tree -> tree.link(
                        LANTERN + "x",
                        "../../../../" + NarCandidate.HASH + "-lantern-3.2.1/" + LANTERN + "package.json"));
        lantern(
                "a link to another path",
                LANTERN + "x" + LEADS_OUT,
                tree -> tree.link(LANTERN + "x", STORE.replace('8', '9') + "-glibc-2/lib"));
        lantern(
                "a link to its own path by its whole name",
                "",
                tree -> tree.link(LANTERN + "x", STORE + "-lantern-3.2.1/" + NPM + "wick/index.js"));
        lantern(
                "a link by way of a link that leads out",
                LANTERN + "y" + LEADS_OUT,
                tree -> tree.link("share/x", "/etc").link(LANTERN + "y", "../../../share/x/passwd"));
        lantern("a link to nowhere", "", tree -> tree.link(LANTERN + "x", "gone"));
        lantern("a link to itself", "", tree -> tree.link(LANTERN + "x", "x"));
        lantern("links to each other", "", tree -> tree.link(LANTERN + "x", "y").link(LANTERN + "y", "x"));
        lantern(
                "a folder in itself",
                "x/".repeat(32) + "x is nested too deeply, or within cyclic links",
                tree -> tree.link(LANTERN + "x", "."));
        lantern(
                "folders that hold each other twice, 20 times over",
                "it has more than 100000 files and folders",
                tree -> {
                    for (int i = 0; i < 20; i++) {
                        tree.link("l" + i + "/a", "../l" + (i + 1)).link("l" + i + "/b", "../l" + (i + 1));
                    }
                    return tree.file("l20/f", "1\n").link(LANTERN + "x", "../../../l0");
                });
        lantern("links that take a million steps", "its links lead through too many others", tree -> {
            tree.link("l0", "share");
            for (int i = 1; i < 40; i++) {
                tree.link("l" + i, "share/../".repeat(200) + "l" + (i - 1));
            }
            for (int i = 0; i < 100; i++) {
                tree.link(LANTERN + "x" + i, "../../../l39/f");
            }
            return tree.file("share/f", "1\n");
        });
        lantern(
                "commands of dependencies that lie elsewhere",
                "",
                tree -> tree.link(LANTERN + "node_modules/.bin/oil", STORE.replace('8', '9') + "-oil/bin/oil"));
    }

    private void names() {
        lantern(
                "names that differ in case",
                "readme.md has a name that differs from another one only in case or form",
                tree -> tree.file(LANTERN + "README.md", "").file(LANTERN + "readme.md", ""));
        lantern(
                "names that differ in how an accent is written",
                "caf\u00e9.js has a name that differs from another one only in case or form",
                tree -> tree.file(LANTERN + "cafe\u0301.js", "").file(LANTERN + "caf\u00e9.js", ""));
        lantern(
                "a name that is not UTF-8",
                "a\uFFFDb has a name that is not UTF-8",
                tree -> tree.file(LANTERN + "a\uDCFEb", ""));
        lantern(
                "a name with a backslash",
                "..\\..\\x has a name that is not valid on every system",
                tree -> tree.file(LANTERN + "..\\..\\x", ""));
        lantern(
                "a name with a line feed",
                "a b has a name that is not valid on every system",
                tree -> tree.file(LANTERN + "a\nb", ""));
        lantern(
                "a name with a drive",
                "c:x has a name that is not valid on every system",
                tree -> tree.file(LANTERN + "c:x", ""));
        lantern(
                "names like options, hidden ones, dots",
                "",
                tree -> tree.file(LANTERN + "-rf", "")
                        .file(LANTERN + "--", "")
                        .file(LANTERN + "...", "")
                        .file(LANTERN + "~", "")
                        .file(LANTERN + "$(id)", "")
                        .file(LANTERN + "package.json ", "")
                        .file(LANTERN + " ", ""));
        lantern("the longest name", "", tree -> tree.file(LANTERN + "n".repeat(255), ""));
        lantern(
                "a name too long for an archive",
                "d".repeat(100) + "…" + "d".repeat(100) + " has too long a name",
                tree -> tree.file(LANTERN + ("d".repeat(250) + "/").repeat(4) + "x", ""));
        lantern("folders as deep as they get", "", tree -> tree.file(LANTERN + "d/".repeat(58) + "x", ""));
        lantern("as many files as are too many", "it has more than 100000 files and folders", tree -> {
            for (int i = 0; i < 100_000; i++) {
                tree.file(LANTERN + "f" + i, new byte[0]);
            }
            return tree;
        });
    }

    private void contents() {
        lantern(
                "scripts of the store's node",
                "",
                tree -> tree.script(LANTERN + "cli.js", "#!" + STORE + "-nodejs-22.1/bin/node --flag\n"));
        lantern(
                "a script that names the store later on",
                "cli.js" + NAMES_STORE,
                tree -> tree.script(LANTERN + "cli.js", "#!/bin/sh\nexec " + STORE + "-nodejs-22.1/bin/node x\n"));
        lantern(
                "text that names the store",
                "x.json" + NAMES_STORE,
                tree -> tree.file(LANTERN + "x.json", "a\"" + STORE + "-git-2/bin/git\""));
        lantern(
                "text that names what it does not refer to",
                "",
                tree -> tree.file(LANTERN + "x.json", STORE.replace('8', '9') + "-git-2/bin/git"));
        lantern(
                "wrappers beside the package",
                "",
                tree -> tree.script(
                        "bin/lantern", "#!" + STORE + "-bash/bin/bash\nexec " + STORE + "-nodejs/bin/node"));
        lantern("native code", "build/x.node" + NATIVE, tree -> tree.file(LANTERN + "build/x.node", "\u007fELF\2\1\1"));
        lantern(
                "native code that names the store",
                "x" + NATIVE,
                tree -> tree.file(LANTERN + "x", "\u007fELF" + STORE + "-glibc/lib/ld.so"));
        row(
                "native code of another system",
                tree -> tree.file(LANTERN + "package.json", json("lantern", "3.2.1"))
                        .file(LANTERN + "x.node", new byte[] {(byte) 0xcf, (byte) 0xfa, (byte) 0xed, (byte) 0xfe, 7}),
                "npm lantern 3.2.1: x.node" + NATIVE);
        lantern(
                "what a build notes in package.json",
                "",
                tree -> tree.file(
                        LANTERN + "package.json",
                        "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"_resolved\":\"" + STORE + "-x.tgz\"}"));
        lantern(
                "a package.json that names the store",
                "package.json" + NAMES_STORE,
                tree -> tree.file(
                        LANTERN + "package.json",
                        "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"x\":\"" + STORE + "-x.tgz\"}"));
        lantern(
                "install scripts",
                "",
                tree -> tree.file(
                        LANTERN + "package.json",
                        "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"scripts\":{\"install\":\"node-gyp rebuild\"}}"));
        lantern("a bomb", BOMB, tree -> tree.file(LANTERN + "zeros", new byte[40 << 20]));
        lantern(
                "a readme with markup",
                "",
                tree -> tree.file(
                        LANTERN + "README.md",
                        "<img src=x onerror=alert(1)><script>alert(1)</script>[x](javascript:alert(1))\0"));
        lantern(
                "a readme that is a link out",
                LANTERN + "README.md" + LEADS_OUT,
                tree -> tree.link(LANTERN + "README.md", "/etc/passwd"));
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
