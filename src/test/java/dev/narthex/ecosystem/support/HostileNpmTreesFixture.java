package dev.narthex.ecosystem.support;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/** Hostile trees for readers of npm packages. */
final class HostileNpmTreesFixture extends HostileTreeRows {
    private static final String LANTERN = NPM + "lantern/";

    /** Grouped by theme. */
    static List<HostileTreesFixture.Row> all() {
        var trees = new HostileNpmTreesFixture();
        trees.placesOfPackages();
        trees.manifests();
        trees.links();
        trees.names();
        trees.contents();
        return trees.rows;
    }

    /** @param told reason why lantern is not offered; empty if it is */
    private void npm(String trap, String told, UnaryOperator<StorePathFixture> change) {
        row(trap, change, "npm lantern 3.2.1" + (told.isEmpty() ? " offered" : ": " + told));
    }

    /** A tree with a valid lantern and a hostile package. */
    private void lantern(String trap, String told, UnaryOperator<StorePathFixture> change) {
        npm(trap, told, tree -> change.apply(tree.file(LANTERN + "package.json", json("lantern", "3.2.1"))));
    }

    private void packageJson(String trap, String told, String text) {
        row(trap, tree -> tree.file(LANTERN + "package.json", text), "npm lantern " + told);
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
        rows.add(new HostileTreesFixture.Row(
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
}
