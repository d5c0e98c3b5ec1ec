package dev.narthex.plugin.cargo;

import dev.narthex.archive.CountingSourceStream;
import dev.narthex.ecosystem.ShellQuote;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Color;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.UntrustedText;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cargo ecosystem. Recognizes crates as nix fetches them: a path that is one file named {@code .crate}, as in its URL, or
 * {@code crate-….tar.gz}, as nixpkgs' importCargoLock names it. Other tarballs with a Cargo.toml are sources, which cargo does
 * not download.
 */
@Singleton
public class CargoEcosystem implements Ecosystem {
    static final String ID = "cargo";
    static final String YANKED = "yanked";

    private static final Pattern FILENAME = Pattern.compile(".*\\.crate|crate-.*\\.tar\\.gz");

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String title() {
        return "Cargo";
    }

    @Override
    public Color color() {
        return new Color("#9a3f12", "#f0a070");
    }

    @Override
    public String normalize(String name) {
        return CrateName.normalize(name);
    }

    @Override
    public byte[] versionKey(String version) {
        return CrateVersion.key(version);
    }

    @Override
    public boolean prerelease(String version) {
        return CrateVersion.parse(version)
                .filter(v -> !v.prerelease().isEmpty())
                .isPresent();
    }

    @Override
    public Stream<FoundRelease> recognize(Candidate path) throws IOException {
        boolean named = FILENAME.matcher(path.path().name()).matches();
        return named && path.listing().root() instanceof Entry.Regular
                ? CountingSourceStream.read(path.open(""), CrateFile::read).flatMap(file -> found(path, file)).stream()
                : Stream.empty();
    }

    @Override
    public List<InstallSnippet> install(ReleaseInfo release) {
        var index = "registries." + release.cache() + ".index=\"" + index(release.baseUrl(), release.cache()) + "\"";
        var command = "cargo add " + ShellQuote.of(release.name() + "@" + release.version()) + " --registry "
                + ShellQuote.of(release.cache()) + " --config " + ShellQuote.of(index);
        return List.of(new InstallSnippet(
                title(), command, "cargo build reads the registry's address from .cargo/config.toml."));
    }

    @Override
    public CargoDetails details(ReleaseInfo release) {
        boolean yanked = release.withdrawals().containsKey(YANKED);
        return Manifest.parse(release.facts().manifest())
                .map(m -> new CargoDetails(
                        m.field("rust-version"), m.field("edition"), m.field("links"), byDefault(m), others(m), yanked))
                .orElse(new CargoDetails("", "", "", List.of(), List.of(), yanked));
    }

    /** "sparse+" precedes the URL of the index directory, with its trailing slash. */
    static String index(String baseUrl, String cache) {
        return "sparse+" + baseUrl + "/registry/" + cache + "/" + ID + "/index/";
    }

    static String index(Registry registry) {
        return index(registry.baseUrl(), registry.cache().name());
    }

    private static Optional<FoundRelease> found(Candidate path, CrateFile file) {
        return Manifest.parse(file.manifest())
                .filter(manifest -> manifest.folder().equals(file.folder()))
                .flatMap(manifest -> FoundArtifact.ofFile(path, manifest.filename())
                        .map(artifact -> new FoundRelease(
                                manifest.name().text(),
                                manifest.version(),
                                manifest.facts(file.readme()),
                                manifest.dependencies().stream()
                                        .map(CrateDependency::toDependency)
                                        .toList(),
                                List.of(artifact))));
    }

    private static List<String> byDefault(Manifest manifest) {
        return manifest.features().getOrDefault("default", List.of()).stream()
                .map(UntrustedText::line)
                .toList();
    }

    private static List<String> others(Manifest manifest) {
        return manifest.features().entrySet().stream()
                .map(Map.Entry::getKey)
                .filter(name -> !name.equals("default"))
                .map(UntrustedText::line)
                .toList();
    }
}
