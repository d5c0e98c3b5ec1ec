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
 * Enters files as fetchers keep them: paths that are one file, named by its content. Fetchers of nixpkgs ask for a file by its
 * SHA-512 or by its SHA-256, so it has a path by each.
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
     * @param name of the paths
     * @param first whose path is the one that artifacts stand on
     * @param by whoever is the reason that it is here
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
     * What stands where the paths of a file should.
     *
     * @param first empty if it is taken
     * @param taken paths that are here with other bytes; nothing was entered for those
     */
    record Standing(Optional<Entered> first, List<StorePath> taken) {}

    /** In the caller's transaction. */
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
