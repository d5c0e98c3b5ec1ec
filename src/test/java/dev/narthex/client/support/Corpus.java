package dev.narthex.client.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The store of real packages that {@code src/test/corpus/make.sh} built. */
public record Corpus(Path folder, JsonNode manifest) {
    public static Corpus open() {
        var folder =
                Path.of(System.getProperty("narthex.corpus", "target/corpus")).toAbsolutePath();
        var manifest = folder.resolve("corpus-manifest.json");
        if (!Files.exists(manifest)) {
            throw new AssertionError(
                    "no test store in " + folder + ": run src/test/corpus/make.sh " + folder + " --small");
        }
        try {
            return new Corpus(folder, new ObjectMapper().readTree(manifest.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One output of a derivation. */
    public record Item(
            String path,
            String name,
            String attr,
            String output,
            String version,
            String kind,
            String ecosystem,
            String packageName,
            String drvPath,
            String narHash,
            long narSize) {
        public String hash() {
            return path.substring("/nix/store/".length()).substring(0, 32);
        }
    }

    public List<Item> items() {
        var items = new ArrayList<Item>();
        for (var p : manifest.path("paths")) {
            items.add(new Item(
                    p.path("path").asText(),
                    p.path("name").asText(),
                    p.path("attr").asText(),
                    p.path("output").asText(),
                    p.path("version").asText(),
                    p.path("kind").asText(),
                    p.path("ecosystem").asText(),
                    p.path("package").asText(),
                    p.path("drvPath").asText(),
                    p.path("narHash").asText(),
                    p.path("narSize").asLong()));
        }
        return items;
    }

    /** Returns a runner for nix commands without the machine's settings, store and caches, and with an empty narinfo cache. */
    public ProgramRunner nix(Path scratch) {
        return new ProgramRunner(scratch)
                .with("NIX_REMOTE", "")
                .with("NIX_CONF_DIR", folder.resolve("conf").toString())
                .with("NIX_USER_CONF_FILES", "")
                .with("NIX_STATE_DIR", folder.resolve("state").toString())
                .with("XDG_CACHE_HOME", scratch.resolve("cache").toString());
    }

    /**
     * Pushes store paths of this store with nix.
     *
     * @param nix runner from {@link #nix}; its cached narinfos are ignored
     * @param to URL of a cache, with the compression
     */
    public ProgramRunner.Result push(ProgramRunner nix, Path netrc, String to, List<String> paths) {
        var command = new ArrayList<>(List.of(
                "nix", "copy", "--refresh", "--option", "netrc-file", netrc.toString(), "--from", store(), "--to", to));
        command.addAll(paths);
        return nix.run(command);
    }

    public String store() {
        return folder.resolve("store").toString();
    }
}
