package dev.narthex.catalog;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.Facts;
import dev.narthex.spi.Found;
import dev.narthex.spi.FoundArtifact;
import dev.narthex.spi.FoundArtifact.Origin;
import java.util.List;
import java.util.Optional;

/**
 * What a recogniser might find in a path: one release with one file.
 *
 * @param content stands for the file's bytes
 */
record Finding(
        String name,
        String version,
        boolean mayRelease,
        String summary,
        List<Dependency> dependencies,
        List<File> files) {
    record File(String name, Origin origin, String output, String content) {}

    static Finding of(String name, String version) {
        return new Finding(
                name,
                version,
                true,
                "",
                List.of(),
                List.of(new File(name + "-" + version + ".tgz", Origin.EXACT, "out", name + version)));
    }

    Finding proposed() {
        return new Finding(name, version, false, summary, dependencies, files);
    }

    Finding saying(String text) {
        return new Finding(name, version, mayRelease, text, dependencies, files);
    }

    Finding needing(String... names) {
        var needed = List.of(names).stream()
                .map(n -> new Dependency(n, n, "^1.0", "runtime"))
                .toList();
        return new Finding(name, version, mayRelease, summary, needed, files);
    }

    Finding needing(Dependency... needed) {
        return new Finding(name, version, mayRelease, summary, List.of(needed), files);
    }

    /** The store path as a whole, as nix releases are. */
    Finding whole(PathFacts path, String output) {
        return with(new File(
                path.path().baseName(), Origin.PATH, output, path.path().baseName()));
    }

    Finding holding(String content) {
        return with(new File(files.getFirst().name(), Origin.EXACT, "out", content));
    }

    Finding named(String... filenames) {
        return with(List.of(filenames).stream()
                .map(n -> new File(n, Origin.EXACT, "out", n))
                .toArray(File[]::new));
    }

    Finding with(File... all) {
        return new Finding(name, version, mayRelease, summary, dependencies, List.of(all));
    }

    Recorded in(PathFacts path, Ecosystem ecosystem) {
        return in(path, ecosystem, 1);
    }

    Recorded in(PathFacts path, Ecosystem ecosystem, int recogniser) {
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
        return new Recorded(
                new Found(name, version, facts, dependencies, artifacts),
                ecosystem.normalise(name),
                VersionOrder.of(ecosystem, version),
                mayRelease,
                path.entered(),
                path.deriver().orElse(path.path()).hash(),
                files.stream().map(f -> digests(f.content())).toList(),
                recogniser,
                path.pushedBy().orElse(""));
    }

    private static Digests digests(String content) {
        return new Digests(
                Tables.hash(content),
                Optional.of(NixHash.of(
                        HashAlgorithm.SHA512, HashAlgorithm.SHA512.newDigest().digest(content.getBytes()))),
                Optional.empty());
    }
}
