package dev.narthex.ecosystem.npm;

import dev.narthex.archive.CountingSourceStream;
import dev.narthex.ecosystem.ShellQuote;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Color;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import dev.narthex.spi.LockfileVisitor;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Resolution;
import dev.narthex.spi.Resolver;
import dev.narthex.spi.Signer;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.Transcoder;
import dev.narthex.spi.Withdrawal;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The npm ecosystem. Recognizes tarballs: a path that is one file named {@code .tgz} or {@code .tar.gz} with a package.json in
 * its top directory. Transcodes packages in {@code lib/node_modules} to tarballs. Also reads lockfiles and resolves dependencies.
 */
@Singleton
public class NpmEcosystem implements Ecosystem, Transcoder, LockfileReader, Resolver, InstallScripts {
    static final String ID = "npm";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String title() {
        return "npm";
    }

    @Override
    public Color color() {
        return new Color("#bc3526", "#f0796b");
    }

    /** Names that differ in case are different packages: some predate npm's rule against capitals. */
    @Override
    public String normalize(String name) {
        return name;
    }

    @Override
    public byte[] versionKey(String version) {
        return NpmVersion.key(version);
    }

    @Override
    public boolean prerelease(String version) {
        return NpmVersion.parse(version).filter(v -> !v.prerelease().isEmpty()).isPresent();
    }

    @Override
    public Stream<FoundRelease> recognize(Candidate path) throws IOException {
        var name = path.path().name();
        boolean named = name.endsWith(".tgz") || name.endsWith(".tar.gz");
        return named && path.listing().root() instanceof Entry.Regular
                ? CountingSourceStream.read(path.open(""), NpmTarball::read)
                        .flatMap(tarball -> toFoundRelease(path, tarball))
                        .stream()
                : Stream.empty();
    }

    @Override
    public String transcoder() {
        return NpmPack.TRANSCODER;
    }

    @Override
    public Stream<TranscodeResult> transcode(Candidate path) {
        return new NodeModules(path).packages();
    }

    @Override
    public String locks() {
        return NpmLock.FORMATS;
    }

    @Override
    public void read(Reader lock, LockfileVisitor visitor) throws IOException {
        NpmLock.read(lock, visitor);
    }

    @Override
    public Optional<String> route(LockedFile file, String filename) {
        return LockEntry.tarball(file.name(), file.version()).map(tarball -> file.name() + "/-/" + tarball);
    }

    @Override
    public boolean isUsable(String filename) {
        return true;
    }

    @Override
    public Optional<Withdrawal> withdrawal() {
        return Optional.of(new Withdrawal(
                PackumentEdit.DEPRECATED,
                "deprecate",
                "undeprecate",
                "Clients that install a deprecated version show the reason as a warning.",
                true));
    }

    /** For a scoped package npm pack names the tarball scope-name-version, and the registry name-version. */
    @Override
    public List<String> pathNames(String name) {
        int slash = name.indexOf('/');
        return name.startsWith("@") && slash > 0
                ? List.of(name.substring(slash + 1) + "-", name.substring(1).replace('/', '-') + "-")
                : List.of(name + "-");
    }

    @Override
    public List<InstallSnippet> install(ReleaseInfo release) {
        var registry = release.baseUrl() + "/registry/" + release.cache() + "/npm/";
        return List.of(new InstallSnippet(
                title(),
                "npm install " + ShellQuote.of(release.name() + "@" + release.version()) + " --registry "
                        + ShellQuote.of(registry),
                "pnpm, yarn and bun read the same registry."));
    }

    @Override
    public Set<String> installedKinds() {
        return Set.of(IdealTree.RUNTIME, IdealTree.OPTIONAL);
    }

    @Override
    public Optional<AvailableVersions.Version> choose(Dependency dependency, List<AvailableVersions.Version> versions) {
        return PickManifest.of(versions)
                .choose(PickManifest.spec(dependency))
                .map(PickManifest.VersionCandidate::version);
    }

    @Override
    public Resolution resolve(ReleaseInfo release, AvailableVersions available) {
        return IdealTree.of(release, available);
    }

    @Override
    public OptionalLong unpackedSize(Map<String, String> notes) {
        var unpacked = UnpackedStats.of(notes);
        return unpacked.files() > 0 ? OptionalLong.of(unpacked.bytes()) : OptionalLong.empty();
    }

    /** Adds the implicit "latest" tag, which clients see too, and puts it first because people look for it first. */
    @Override
    public Map<String, String> tags(Map<String, String> given, Optional<String> byDefault) {
        var tags = new LinkedHashMap<String, String>();
        Optional.ofNullable(given.get(DistTag.LATEST)).or(() -> byDefault).ifPresent(v -> tags.put(DistTag.LATEST, v));
        new TreeMap<>(given).forEach(tags::putIfAbsent);
        return tags;
    }

    @Override
    public NpmDetails details(ReleaseInfo release, Supplier<Signer> signer) {
        return NpmDetails.of(release, signer);
    }

    @Override
    public List<Step> steps(ReleaseInfo release) {
        return NpmDetails.installScripts(release).stream()
                .map(script -> new Step(script.name(), script.command()))
                .toList();
    }

    private static Optional<FoundRelease> toFoundRelease(Candidate path, NpmTarball tarball) {
        var json = PackageJson.parse(tarball.packageJson()).filter(p -> !p.secret());
        var name = json.flatMap(PackageJson::name);
        var version = json.flatMap(PackageJson::version);
        if (json.isEmpty() || name.isEmpty() || version.isEmpty()) {
            return Optional.empty();
        }
        var text = version.get().toString();
        var facts = facts(
                json.get(),
                tarball,
                path.meta().map(DerivationMeta::vulnerabilities).orElse(List.of()));
        return FoundArtifact.ofFile(path, name.get().tarball(text))
                .map(file -> new FoundRelease(
                        name.get().toString(), text, facts, json.get().dependencies(), List.of(file)));
    }

    static Facts facts(PackageJson json, NpmTarball tarball, List<String> vulnerabilities) {
        return json.facts(tarball.readme(), vulnerabilities)
                .withNotes(tarball.unpacked().notes())
                .withInside(json.commandPaths());
    }
}
