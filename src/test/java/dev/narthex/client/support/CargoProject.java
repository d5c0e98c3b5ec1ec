package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Rust program, and cargo configured for one registry. */
public final class CargoProject {
    private final Path folder;
    private final String cache;
    private final String index;
    private final ProgramRunner programs;

    /** @param cache and name of the registry */
    public CargoProject(Path folder, Server server, String cache) throws IOException {
        this.folder = Files.createDirectories(folder.resolve("hut"));
        this.cache = cache;
        index = "sparse+" + server.uri("/registry/" + cache + "/cargo/index/");
        programs = programs(this.folder);
        Files.createDirectories(this.folder.resolve("src"));
        Files.writeString(
                this.folder.resolve("Cargo.toml"),
                "[package]\nname = \"hut\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\n");
        main("");
        config("[registries." + cache + "]\nindex = \"" + index + "\"\ncredential-provider = \"cargo:token\"\n");
    }

    /** Debian's cargo, with its own home. */
    static ProgramRunner programs(Path folder) {
        return new ProgramRunner(folder)
                .with("PATH", "/usr/bin:/bin:" + System.getenv("PATH"))
                .with(
                        "RUSTUP_HOME",
                        Path.of(System.getProperty("user.home"), ".rustup").toString())
                .with("CARGO_HOME", folder.resolve("cargo-home").toString())
                .with("CARGO_TERM_COLOR", "never")
                .with("CARGO_BUILD_JOBS", "2");
    }

    /** Source replacement: crates without a registry come from this server. */
    public CargoProject inPlaceOfTheDefault() throws IOException {
        config("[source.crates-io]\nreplace-with = \"" + cache + "\"\n\n[source." + cache + "]\nregistry = \"" + index
                + "\"\n");
        return this;
    }

    public CargoProject token(String token) {
        programs.with("CARGO_REGISTRIES_" + cache.toUpperCase(Locale.ROOT) + "_TOKEN", token);
        return this;
    }

    public void depend(String line) throws IOException {
        Files.writeString(folder.resolve("Cargo.toml"), line + "\n", StandardOpenOption.APPEND);
    }

    public void main(String statements) throws IOException {
        Files.writeString(folder.resolve("src/main.rs"), "fn main() {\n    " + statements + "\n}\n");
    }

    public String lock() throws IOException {
        return Files.readString(folder.resolve("Cargo.lock"));
    }

    public ProgramRunner.Result cargo(String... arguments) {
        var command = new ArrayList<>(List.of("cargo"));
        command.addAll(List.of(arguments));
        return programs.run(command);
    }

    public ProgramRunner.Result run(String... command) {
        return programs.run(command);
    }

    private void config(String text) throws IOException {
        Files.writeString(Files.createDirectories(folder.resolve(".cargo")).resolve("config.toml"), text);
    }
}
