package dev.narthex.catalog.support;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.catalog.release.RecognizedRelease;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundArtifact.Origin;
import dev.narthex.spi.FoundRelease;
import java.util.List;
import java.util.Optional;

/**
 * A fixture for a recognized release with one file.
 *
 * @param content represents the bytes of the file
 */
public record RecognitionFixture(
        String name,
        String version,
        boolean mayRelease,
        String summary,
        List<Dependency> dependencies,
        List<File> files) {
    public record File(String name, Origin origin, String output, String content) {}

    public static RecognitionFixture of(String name, String version) {
        return new RecognitionFixture(
                name,
                version,
                true,
                "",
                List.of(),
                List.of(new File(name + "-" + version + ".tgz", Origin.EXACT, "out", name + version)));
    }

    public RecognitionFixture proposed() {
        return new RecognitionFixture(name, version, false, summary, dependencies, files);
    }

    public RecognitionFixture saying(String text) {
        return new RecognitionFixture(name, version, mayRelease, text, dependencies, files);
    }

    public RecognitionFixture needing(String... names) {
        var needed = List.of(names).stream()
                .map(n -> new Dependency(n, n, "^1.0", "runtime"))
                .toList();
        return new RecognitionFixture(name, version, mayRelease, summary, needed, files);
    }

    public RecognitionFixture needing(Dependency... needed) {
        return new RecognitionFixture(name, version, mayRelease, summary, List.of(needed), files);
    }

    /** Makes the release a whole store path, like nix releases. */
    public RecognitionFixture whole(PathInfo path, String output) {
        return with(new File(
                path.path().baseName(), Origin.PATH, output, path.path().baseName()));
    }

    public RecognitionFixture holding(String content) {
        return with(new File(files.getFirst().name(), Origin.EXACT, "out", content));
    }

    public RecognitionFixture named(String... filenames) {
        return with(List.of(filenames).stream()
                .map(n -> new File(n, Origin.EXACT, "out", n))
                .toArray(File[]::new));
    }

    public RecognitionFixture with(File... all) {
        return new RecognitionFixture(name, version, mayRelease, summary, dependencies, List.of(all));
    }

    public RecognizedRelease in(PathInfo path, Ecosystem ecosystem) {
        return in(path, ecosystem, 1);
    }

    public RecognizedRelease in(PathInfo path, Ecosystem ecosystem, int recognizer) {
        var facts = new Facts(
                summary,
                "MIT",
                "",
                "",
                List.of(),
                List.of(),
                Optional.empty(),
                "{\"name\": \"" + name + "\"}",
                List.of());
        var artifacts = files.stream()
                .map(f -> new FoundArtifact(f.name(), f.origin(), f.output(), "any", 96, 10, ""))
                .toList();
        return new RecognizedRelease(
                new FoundRelease(name, version, facts, dependencies, artifacts),
                ecosystem.normalize(name),
                VersionSortKey.of(ecosystem, version),
                mayRelease,
                path.toStoredPath(),
                path.deriver().orElse(path.path()).hash(),
                files.stream().map(f -> digests(f.content())).toList(),
                recognizer,
                path.pushedBy().orElse(""));
    }

    private static ArtifactDigests digests(String content) {
        return new ArtifactDigests(
                CatalogFixture.hash(content),
                Optional.of(NixHash.of(
                        HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(content.getBytes()))),
                Optional.empty());
    }
}
