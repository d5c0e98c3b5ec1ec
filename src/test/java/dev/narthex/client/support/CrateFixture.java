package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Creates crates with real cargo, adds them to a nix store like fetchers do, and pushes them with real nix. */
public final class CrateFixture {
    private final Server server;
    private final Path folder;
    private final ProgramRunner nix;
    private final Path store;

    public CrateFixture(Server server, Path folder) throws IOException {
        this.server = server;
        this.folder = folder;
        nix = Corpus.open().nix(Files.createDirectories(folder.resolve("nix")));
        store = folder.resolve("store");
        Files.writeString(
                folder.resolve("netrc"),
                "machine 127.0.0.1 login token password "
                        + Files.readString(server.data().resolve("admin-token")).strip() + "\n");
    }

    public Path wick(String version, int length) throws IOException {
        return packaged("wick", version, "[features]\nlong = []\n", """
                pub fn length() -> u32 { if cfg!(feature = "long") { 2 * %d } else { %d } }
                """.formatted(length, length));
    }

    /** Its feature "bright" enables wick, in the syntax of cargo 1.60. */
    public Path lantern(String version) throws IOException {
        return packaged("nx-lantern", version, """
                [features]
                default = ["std"]
                std = []
                bright = ["dep:wick", "wick?/long"]

                [dependencies]
                wick = { version = "1", optional = true }
                """, """
                #[cfg(feature = "bright")]
                pub fn shine() -> String { format!("shines {}", wick::length()) }
                #[cfg(not(feature = "bright"))]
                pub fn shine() -> String { "dark".into() }
                """);
    }

    public Path tally(String version) throws IOException {
        return packaged("tally", version, "", "pub fn one() -> u32 { 1 }\n");
    }

    /** A packaged crate. */
    public Path file(String name) {
        return folder.resolve(name);
    }

    /** Adds each file as a content-addressed path. */
    public void push(String cache, Path... files) {
        var copy = new ArrayList<>(List.of(
                "nix",
                "copy",
                "--option",
                "netrc-file",
                folder.resolve("netrc").toString(),
                "--from",
                store.toString(),
                "--to",
                server.uri("/" + cache + "?compression=zstd").toString()));
        for (var file : files) {
            copy.add(nix.run(
                            "nix",
                            "store",
                            "add",
                            "--store",
                            store.toString(),
                            "--mode",
                            "flat",
                            "--name",
                            file.getFileName().toString(),
                            file.toString())
                    .succeeded()
                    .out()
                    .strip());
        }
        nix.run(copy).succeeded();
    }

    private Path packaged(String name, String version, String manifest, String library) throws IOException {
        var sources = Files.createDirectories(folder.resolve(name + "-" + version));
        var project = new CargoProject(sources, server, "main").inPlaceOfTheDefault();
        var hut = sources.resolve("hut");
        Files.delete(hut.resolve("src/main.rs"));
        Files.writeString(hut.resolve("src/lib.rs"), library);
        Files.writeString(hut.resolve("README.md"), "# " + name + "\n");
        Files.writeString(hut.resolve("Cargo.toml"), """
                [package]
                name = "%s"
                version = "%s"
                edition = "2021"
                description = "Shows light"
                license = "MIT"
                readme = "README.md"

                """.formatted(name, version) + manifest);
        project.cargo("package", "--no-verify", "--allow-dirty").succeeded();
        var crate = name + "-" + version + ".crate";
        return Files.move(hut.resolve("target/package").resolve(crate), folder.resolve(crate));
    }
}
