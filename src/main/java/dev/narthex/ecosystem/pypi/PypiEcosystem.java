package dev.narthex.ecosystem.pypi;

import dev.narthex.archive.ArchiveRejectedException;
import dev.narthex.ecosystem.ShellQuote;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Candidate;
import dev.narthex.spi.Color;
import dev.narthex.spi.DerivationMeta;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundRelease;
import dev.narthex.spi.InstallScripts;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import dev.narthex.spi.LockfileVisitor;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.TranscodeResult;
import dev.narthex.spi.Transcoder;
import dev.narthex.spi.UntrustedText;
import dev.narthex.spi.Withdrawal;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The PyPI ecosystem. Recognizes wheels and source distributions: a path that is one such file, as from a fetcher, or a path with
 * such files at its root, like the {@code dist} output of nixpkgs' Python packages. A directory with files of several projects is
 * ignored as a collection of other people's packages. Builds wheels from projects installed in a path, and reads lockfiles.
 */
@Singleton
public class PypiEcosystem implements Ecosystem, Transcoder, LockfileReader, InstallScripts {
    static final String ID = "pypi";

    /** Minor versions of Python 3 that nixpkgs builds packages for, now and in the next years. */
    private static final int OLDEST_PYTHON = 10;

    private static final int NEWEST_PYTHON = 16;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String title() {
        return "PyPI";
    }

    @Override
    public Color color() {
        return new Color("#8a6a00", "#d9b23c");
    }

    @Override
    public String normalize(String name) {
        return ProjectName.normalize(name);
    }

    @Override
    public byte[] versionKey(String version) {
        return PypiVersion.key(version);
    }

    /** 1.0 and 1.0.0, 1.0rc1 and 1.0-rc.1 (PEP 440, "Normalization" and "Version comparison"). */
    @Override
    public boolean equalKeysAreOneVersion() {
        return true;
    }

    @Override
    public boolean prerelease(String version) {
        return PypiVersion.parse(version).filter(PypiVersion::prerelease).isPresent();
    }

    @Override
    public Stream<FoundRelease> recognize(Candidate path) throws IOException {
        var releases = new LinkedHashMap<String, List<RecognizedFile>>();
        var files = DistributionFiles.of(path);
        if (!files.ofOneProject() || files.tooMany()) {
            return Stream.empty();
        }
        for (var file : files.files().entrySet()) {
            if (read(path, file.getKey(), file.getValue())
                    instanceof ReadResult.ValidFile(DistributionReader.DistributionContents contents)) {
                releases.computeIfAbsent(contents.metadata().version(), v -> new ArrayList<>())
                        .add(new RecognizedFile(contents, artifact(file.getKey(), file.getValue())));
            }
        }
        return releases.values().stream().map(release -> toFoundRelease(path, release));
    }

    @Override
    public String transcoder() {
        return WheelBuilder.TRANSCODER;
    }

    @Override
    public Stream<TranscodeResult> transcode(Candidate path) throws IOException {
        return Stream.concat(new SitePackages(path).projects(), refusedPackages(path).stream());
    }

    /**
     * Explains why files of this path are not served. Files that are not distributions are mentioned only if there is a valid one
     * beside them.
     */
    private static List<TranscodeResult> refusedPackages(Candidate path) throws IOException {
        var files = DistributionFiles.of(path);
        if (files.tooMany()) {
            var reason = "the folder has more than " + DistributionFiles.MAX_FILES + " wheels and source distributions";
            return List.of(new TranscodeResult.RefusedPackage(path.path().name(), "", reason));
        }
        var refusals = new ArrayList<TranscodeResult>();
        var undecided = new ArrayList<TranscodeResult>();
        boolean good = false;
        for (var file : files.files().entrySet()) {
            var result = read(path, file.getKey(), file.getValue());
            good |= result instanceof ReadResult.ValidFile;
            switch (result) {
                case ReadResult.InvalidFile(String reason) -> refusals.add(refusalReason(file.getKey(), reason));
                case ReadResult.UnreadableFile _ ->
                    undecided.add(refusalReason(file.getKey(), "it is not a .tar.gz archive with a PKG-INFO file"));
                case ReadResult.ValidFile _
                when !files.ofOneProject() ->
                    refusals.add(refusalReason(
                            file.getKey(),
                            "the folder has files of several projects; put each project into its own path"));
                case ReadResult.ValidFile _ -> {}
            }
        }
        if (good) {
            refusals.addAll(undecided);
            files.ignored().entrySet().stream()
                    .limit(DistributionFiles.MAX_FILES)
                    .forEach(other -> refusals.add(new TranscodeResult.RefusedPackage(
                            UntrustedText.line(other.getKey()), "", other.getValue())));
        }
        return refusals;
    }

    private static TranscodeResult refusalReason(DistributionName name, String reason) {
        return new TranscodeResult.RefusedPackage(name.project(), name.version(), name.filename() + ": " + reason);
    }

    @Override
    public String locks() {
        return PypiLock.FORMATS;
    }

    @Override
    public void read(Reader lock, LockfileVisitor visitor) throws IOException {
        PypiLock.read(lock, visitor);
    }

    /** A file with a hash other than SHA-256 is addressed by its name alone. */
    @Override
    public Optional<String> route(LockedFile file, String filename) {
        return Optional.of(ProjectName.normalize(file.name()))
                .filter(ProjectName::valid)
                .map(project -> file.hash().algorithm() == HashAlgorithm.SHA256
                        ? ProjectFile.address(project, file.hash(), filename)
                        : ProjectFile.mirrorUrl(project, filename));
    }

    /** Only wheels need no build. */
    @Override
    public boolean isUsable(String filename) {
        return filename.endsWith(".whl");
    }

    /**
     * File names contain underscores (packaging.python.org, "Source distribution file name"); nixpkgs puts the Python version
     * before the name.
     */
    @Override
    public List<String> pathNames(String name) {
        var normalized = ProjectName.normalize(name);
        var spellings = Stream.of(name, normalized, normalized.replace('-', '_'));
        var built = IntStream.rangeClosed(OLDEST_PYTHON, NEWEST_PYTHON)
                .mapToObj(minor -> "python3." + minor + "-" + normalized);
        return Stream.concat(spellings, built)
                .distinct()
                .map(beginning -> beginning + "-")
                .toList();
    }

    @Override
    public List<InstallSnippet> install(ReleaseInfo release) {
        var index = release.baseUrl() + "/registry/" + release.cache() + "/pypi/simple/";
        return List.of(new InstallSnippet(
                "pip",
                "pip install " + ShellQuote.of(release.name() + "==" + release.version()) + " --index-url "
                        + ShellQuote.of(index),
                "",
                WheelLimits.of(
                        release.artifacts().stream().map(Artifact::filename).toList()),
                Optional.empty()));
    }

    @Override
    public Optional<Withdrawal> withdrawal() {
        return Optional.of(new Withdrawal(
                ProjectFileCollector.YANKED,
                "yank",
                "unyank",
                "Installers take a yanked version only where its very number is asked for, and say why it was yanked.",
                false));
    }

    @Override
    public PypiDetails details(ReleaseInfo release) {
        var metadata = CoreMetadata.parse(release.facts().manifest());
        var tags = release.artifacts().stream()
                .map(Artifact::filename)
                .filter(f -> f.endsWith(".whl"))
                .map(f -> f.substring(0, f.length() - ".whl".length()).split("-", -1))
                .filter(parts -> parts.length >= 5)
                .map(parts -> String.join("-", Arrays.asList(parts).subList(parts.length - 3, parts.length)))
                .distinct()
                .toList();
        var extras = metadata.all("provides-extra").stream()
                .map(UntrustedText::line)
                .limit(100)
                .toList();
        var provenance = release.artifacts().stream()
                .flatMap(file -> file.attested().stream())
                .map(Attestation.Summary::says)
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        return new PypiDetails(metadata.requiresPython(), tags, extras, provenance);
    }

    /** Wheels are only unpacked. For a source distribution, clients run the build backend if no wheel matches. */
    @Override
    public List<Step> steps(ReleaseInfo release) {
        var files = release.artifacts().stream().map(Artifact::filename).toList();
        boolean anywhere = files.stream().anyMatch(file -> file.endsWith("-none-any.whl"));
        boolean wheels = files.stream().anyMatch(file -> file.endsWith(".whl"));
        return files.stream()
                .filter(file -> !anywhere && !file.endsWith(".whl"))
                .map(file -> new Step(
                        "the build backend of " + UntrustedText.line(file) + (wheels ? ", where no wheel fits" : ""),
                        ""))
                .toList();
    }

    private static ReadResult read(Candidate path, DistributionName name, DistributionFiles.DistributionFile file)
            throws IOException {
        try {
            return new DistributionReader(name, () -> path.open(file.file()))
                    .read()
                    .<ReadResult>map(ReadResult.ValidFile::new)
                    .orElse(new ReadResult.UnreadableFile());
        } catch (ArchiveRejectedException e) {
            var reason = String.valueOf(e.getMessage());
            return new ReadResult.InvalidFile(
                    Character.toLowerCase(reason.charAt(0)) + reason.substring(1, reason.length() - 1));
        }
    }

    private static FoundRelease toFoundRelease(Candidate path, List<RecognizedFile> release) {
        var first = release.getFirst().contents.metadata();
        return new FoundRelease(
                first.name(),
                first.version(),
                first.facts(path.meta().map(DerivationMeta::vulnerabilities).orElse(List.of()))
                        .withInside(release.stream()
                                .flatMap(file -> file.contents.topLevelNames().stream())
                                .toList()),
                first.dependencies(),
                release.stream().map(RecognizedFile::artifact).toList());
    }

    private static FoundArtifact artifact(DistributionName name, DistributionFiles.DistributionFile file) {
        return new FoundArtifact(
                name.filename(),
                FoundArtifact.Origin.EXACT,
                file.file().isEmpty() ? "out" : "dist",
                "any",
                file.entry().narOffset(),
                file.entry().size(),
                file.file());
    }

    private record RecognizedFile(DistributionReader.DistributionContents contents, FoundArtifact artifact) {}

    /** Result of reading a file with the name of a distribution. */
    private sealed interface ReadResult {
        record ValidFile(DistributionReader.DistributionContents contents) implements ReadResult {}

        /** @param reason without a period */
        record InvalidFile(String reason) implements ReadResult {}

        record UnreadableFile() implements ReadResult {}
    }
}
