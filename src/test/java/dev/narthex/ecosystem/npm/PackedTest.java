package dev.narthex.ecosystem.npm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.narthex.ecosystem.NarCandidate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the real {@code npm pack} makes is recognised as what it was told to pack. */
class PackedTest {
    @TempDir
    Path folder;

    @Test
    void aPackedFolderIsThePackageInIt() throws IOException, InterruptedException {
        var json = "{\n  \"name\": \"@harbour/lantern\",\n  \"version\": \"3.2.1\",\n  \"bin\": \"cli.js\"\n}\n";
        Files.writeString(folder.resolve("package.json"), json);
        Files.writeString(folder.resolve("README.md"), "# Lantern — Ünïcode\n");
        Files.writeString(folder.resolve("cli.js"), "#!/usr/bin/env node\n");
        var deep = Files.createDirectories(folder.resolve("a-long-folder-name-for-a-split-header/".repeat(5)));
        Files.writeString(deep.resolve("fïle.js"), "1\n");
        pack();

        var path =
                NarCandidate.flat("lantern-3.2.1.tgz", Files.readAllBytes(folder.resolve("harbour-lantern-3.2.1.tgz")));
        var found = new NpmEcosystem().recognise(path).toList().getFirst();
        assertEquals("@harbour/lantern", found.name());
        assertEquals("3.2.1", found.version());
        assertEquals(json, found.facts().manifest());
        assertEquals(
                "# Lantern — Ünïcode\n", found.facts().readme().orElseThrow().text());
    }

    private void pack() throws IOException, InterruptedException {
        var builder = new ProcessBuilder("npm", "pack", "--offline", "--silent")
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.toLowerCase().startsWith("npm_config_"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("npm_config_cache", folder.resolve(".cache").toString());
        var npm = builder.start();
        var said = new String(npm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, npm.waitFor(), said);
    }
}
