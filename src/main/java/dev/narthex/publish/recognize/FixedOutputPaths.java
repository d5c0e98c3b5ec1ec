package dev.narthex.publish.recognize;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.path.NewPath;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.path.StoredPath;
import dev.narthex.catalog.release.ArtifactDigests;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.store.StagedNar;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Adds files to a cache as flat fixed-output store paths, as the fetchers of nixpkgs would. Each file gets two paths, by its
 * SHA-256 and by its SHA-512, since fetchers use either.
 */
@ApplicationScoped
public class FixedOutputPaths {
    private final Paths paths;
    private final ChangeLog changes;

    FixedOutputPaths(Paths paths, ChangeLog changes) {
        this.paths = paths;
        this.changes = changes;
    }

    /**
     * A file to add.
     *
     * @param name name of the store paths
     * @param first algorithm of the path that artifacts refer to
     * @param principal name of the principal that caused the file to be added
     */
    public record NewFile(
            Cache cache, String name, ArtifactDigests digests, HashAlgorithm first, String origin, String principal) {
        private ContentAddress contentAddress(HashAlgorithm algorithm) {
            return new ContentAddress.Fixed(
                    false, algorithm == HashAlgorithm.SHA512 ? digests.sha512().orElseThrow() : digests.sha256());
        }

        StorePath path() {
            return contentAddress(first).storePath(name);
        }
    }

    /**
     * The result of adding a file.
     *
     * @param first the path of algorithm {@code first}; empty if a path with other bytes is in its place
     * @param conflicting paths that exist with other bytes, and were therefore not added
     */
    public record AddedPaths(Optional<StoredPath> first, List<StorePath> conflicting) {}

    /** Adds the paths of a file in the caller's transaction. */
    public AddedPaths addFile(NewFile newFile, StagedNar staged) {
        long narId = staged.link();
        var secondAlgorithm = newFile.first() == HashAlgorithm.SHA512 ? HashAlgorithm.SHA256 : HashAlgorithm.SHA512;
        var newPaths = Stream.of(newFile.first(), secondAlgorithm)
                .map(algorithm -> toNewPath(newFile, algorithm, narId, staged.narSize()))
                .toList();
        var results = paths.addAll(newFile.cache().id(), newPaths);
        var present = new ArrayList<StoredPath>();
        var conflicting = new ArrayList<StorePath>();
        for (int i = 0; i < results.size(); i++) {
            var path = newPaths.get(i).path();
            switch (results.get(i)) {
                case Paths.AddResult.Inserted created -> {
                    changes.append(
                            newFile.cache().id(), "path", Optional.empty(), Optional.empty(), Optional.of(path.hash()));
                    present.add(created.path());
                }
                case Paths.AddResult.Unchanged existing -> present.add(existing.path());
                case Paths.AddResult.Conflicting conflict -> conflicting.add(path);
            }
        }
        var first = present.stream()
                .filter(storedPath -> storedPath.path().equals(newFile.path()))
                .findFirst();
        return new AddedPaths(first, conflicting);
    }

    private static NewPath toNewPath(NewFile newFile, HashAlgorithm algorithm, long narId, long narSize) {
        var contentAddress = newFile.contentAddress(algorithm);
        return new NewPath(
                contentAddress.storePath(newFile.name()),
                narId,
                narSize,
                List.of(),
                Optional.empty(),
                Optional.of(contentAddress),
                List.of(),
                newFile.origin(),
                newFile.principal());
    }
}
