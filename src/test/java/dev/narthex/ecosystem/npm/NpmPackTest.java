package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.archive.TarReader;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.StorePathFixture;
import dev.narthex.spi.TranscodeResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tarballs of the real {@code npm pack} are recognized as the packed package. */
class NpmPackTest {
    @TempDir
    Path folder;

    @TempDir
    Path home;

    @Test
    void packedFolderIsReadAsAPackage() throws IOException, InterruptedException {
        var json = "{\n  \"name\": \"@harbour/lantern\",\n  \"version\": \"3.2.1\",\n  \"bin\": \"cli.js\"\n}\n";
        Files.writeString(folder.resolve("package.json"), json);
        Files.writeString(folder.resolve("README.md"), "# Lantern — Ünïcode\n");
        Files.writeString(folder.resolve("cli.js"), "#!/usr/bin/env node\n");
        var deep = Files.createDirectories(folder.resolve("a-long-folder-name-for-a-split-header/".repeat(5)));
        Files.writeString(deep.resolve("fïle.js"), "1\n");
        pack();

        var path =
                NarCandidate.flat("lantern-3.2.1.tgz", Files.readAllBytes(folder.resolve("harbour-lantern-3.2.1.tgz")));
        var release = new NpmEcosystem().recognize(path).toList().getFirst();
        assertEquals("@harbour/lantern", release.name());
        assertEquals("3.2.1", release.version());
        assertEquals(json, release.facts().manifest());
        assertEquals(
                "# Lantern — Ünïcode\n", release.facts().readme().orElseThrow().text());
    }

    /** Everything that npm decides about a tar: order, header fields, split and extended names. */
    @Test
    void tarEqualsThatOfNpmPack() throws IOException, InterruptedException {
        var planted = new StorePathFixture();
        var names = List.of(
                "index.js",
                "Index.d.ts",
                "lib/a.js",
                "lib/B.js",
                "lib/index.js",
                "z/.hidden",
                "LICENSE",
                "a_b.js",
                "a-b.js",
                "a.b.js",
                "src/deep/x.JS",
                "src/x.js",
                "10.js",
                "9.js",
                "no ext",
                "~t.md",
                "cli.mjs",
                "README.md",
                "a-long-folder-name-for-a-split-header/".repeat(3) + "file.js",
                "a-long-folder-name-for-a-split-header/".repeat(8) + "file.js",
                "x/" + "n".repeat(120) + ".js");
        for (var name : names) {
            plant(planted, name, "// " + name + "\n".repeat(name.length()));
        }
        plant(planted, "fïle.md", "é\n");
        plant(planted, "package.json", "{\"name\":\"lantern\",\"version\":\"3.2.1\",\"bin\":{\"l\":\"cli.mjs\"}}\n");
        pack();
        var offer = (TranscodeResult.OfferedFile)
                new NpmEcosystem().transcode(planted.path("lantern")).toList().getFirst();
        byte[] npm;
        try (var in = new GZIPInputStream(Files.newInputStream(folder.resolve("lantern-3.2.1.tgz")))) {
            npm = in.readAllBytes();
        }
        byte[] ours;
        try (var in = new GZIPInputStream(offer.maker().open())) {
            ours = in.readAllBytes();
        }
        assertEquals(paths(npm), paths(ours));
        assertArrayEquals(npm, ours);
    }

    /** Real JavaScript sorts the same texts. */
    @Test
    void pathsAreOrderedLikeJavaScriptStrings() throws IOException, InterruptedException {
        var random = new Random(20240501);
        var paths = new TreeSet<String>();
        while (paths.size() < 2000) {
            var path = new StringBuilder();
            for (int i = random.nextInt(1, 9); i > 0; i--) {
                path.append((char) random.nextInt(' ', 0x7f));
            }
            if (!path.toString().matches(".*(/\\.*$|\\.\\.|//).*|.*/|/.*|\\.")) {
                paths.add(path.toString());
            }
        }
        Files.write(folder.resolve("paths"), paths);
        Files.writeString(folder.resolve("sort.js"), """
                const { extname, basename } = require('path')
                const list = require('fs').readFileSync('paths', 'utf8').split('\\n').filter(p => p)
                const low = text => text.toLowerCase()
                list.sort((a, b) => low(extname(a)).localeCompare(low(extname(b)), 'en')
                  || low(basename(a)).localeCompare(low(basename(b)), 'en') || a.localeCompare(b, 'en'))
                console.log(list.join('\\n'))
                """);
        var node =
                new ProcessBuilder("node", "sort.js").directory(folder.toFile()).start();
        var sorted = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, node.waitFor());
        assertEquals(
                sorted.lines().toList(),
                paths.stream().sorted(TarballFileOrder.PATHS).toList());
    }

    private void plant(StorePathFixture planted, String name, String text) throws IOException {
        planted.file("lib/node_modules/lantern/" + name, text);
        var file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static List<String> paths(byte[] tar) throws IOException {
        var paths = new ArrayList<String>();
        var reader = new TarReader(new ByteArrayInputStream(tar));
        for (var entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            paths.add(entry.get().path());
        }
        return paths;
    }

    private void pack() throws IOException, InterruptedException {
        var builder = new ProcessBuilder("npm", "pack", "--offline", "--silent")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.toLowerCase().startsWith("npm_config_"));
        builder.environment().put("HOME", home.toString());
        builder.environment().put("npm_config_cache", home.resolve("cache").toString());
        var npm = builder.start();
        var said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, npm.waitFor(), said);
    }
}
