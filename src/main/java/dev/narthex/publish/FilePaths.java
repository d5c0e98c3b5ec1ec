package dev.narthex.publish;

import dev.narthex.catalog.Changes;
import dev.narthex.catalog.Digests;
import dev.narthex.catalog.Entered;
import dev.narthex.catalog.NewPath;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.store.Staged;
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
class FilePaths {
    private final Paths paths;
    private final Changes changes;

    FilePaths(Paths paths, Changes changes) {
        this.paths = paths;
        this.changes = changes;
    }

    /**
     * A file to add.
     *
     * @param name name of the store paths
     * @param first algorithm of the path that artifacts refer to
     * @param by name of the principal that caused the file to be added
     */
    record Entry(Cache cache, String name, Digests digests, HashAlgorithm first, String origin, String by) {
        private ContentAddress address(HashAlgorithm algorithm) {
            return new ContentAddress.Fixed(
                    false, algorithm == HashAlgorithm.SHA512 ? digests.sha512().orElseThrow() : digests.sha256());
        }

        StorePath path() {
            return address(first).storePath(name);
        }
    }

    /**
     * The result of adding a file.
     *
     * @param first the path of algorithm {@code first}; empty if a path with other bytes is in its place
     * @param taken paths that exist with other bytes, and were therefore not added
     */
    record Standing(Optional<Entered> first, List<StorePath> taken) {}

    /** Adds the paths of a file in the caller's transaction. */
    Standing enter(Entry entry, Staged staged) {
        long narId = staged.link();
        var second = entry.first() == HashAlgorithm.SHA512 ? HashAlgorithm.SHA256 : HashAlgorithm.SHA512;
        var wanted = Stream.of(entry.first(), second)
                .map(algorithm -> path(entry, algorithm, narId, staged.narSize()))
                .toList();
        var added = paths.addAll(entry.cache().id(), wanted);
        var here = new ArrayList<Entered>();
        var taken = new ArrayList<StorePath>();
        for (int i = 0; i < added.size(); i++) {
            var path = wanted.get(i).path();
            switch (added.get(i)) {
                case Paths.Added.New fresh -> {
                    changes.append(
                            entry.cache().id(), "path", Optional.empty(), Optional.empty(), Optional.of(path.hash()));
                    here.add(fresh.path());
                }
                case Paths.Added.Same same -> here.add(same.path());
                case Paths.Added.Other other -> taken.add(path);
            }
        }
        var first = here.stream().filter(one -> one.path().equals(entry.path())).findFirst();
        return new Standing(first, taken);
    }

    private static NewPath path(Entry entry, HashAlgorithm algorithm, long narId, long narSize) {
        var address = entry.address(algorithm);
        return new NewPath(
                address.storePath(entry.name()),
                narId,
                narSize,
                List.of(),
                Optional.empty(),
                Optional.of(address),
                List.of(),
                entry.origin(),
                entry.by());
    }
}
