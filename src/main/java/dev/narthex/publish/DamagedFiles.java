package dev.narthex.publish;

import dev.narthex.catalog.DerivedFiles;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.Paths;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import jakarta.enterprise.context.ApplicationScoped;

/** Files of releases whose bytes are damaged, and the store paths that repair them when they are pushed again. */
@ApplicationScoped
public class DamagedFiles {
    private static final String DERIVED = "derived";

    private final Paths paths;
    private final DerivedFiles derived;

    DamagedFiles(Paths paths, DerivedFiles derived) {
        this.paths = paths;
        this.derived = derived;
    }

    /** Why a file that a release names cannot be opened. A release roots its paths, so none of them is missing otherwise. */
    Problem problem(long cacheId, Artifact artifact) {
        return paths.findDamaged(cacheId, artifact.path().hash())
                .<Problem>map(path -> new Problem.Damaged(
                        artifact.filename(),
                        path.damagedAt(),
                        repairedBy(cacheId, path).toString()))
                .orElseGet(() -> new Problem.NotFound("file", artifact.filename()));
    }

    /** Nobody can push a file that this server made of a tree: the tree is pushed again, and the file made again. */
    public StorePath repairedBy(long cacheId, PathFacts path) {
        return path.origin().equals(DERIVED)
                ? derived.source(cacheId, path.path().hash())
                        .flatMap(hash -> paths.find(cacheId, hash).or(() -> paths.findDamaged(cacheId, hash)))
                        .map(PathFacts::path)
                        .orElse(path.path())
                : path.path();
    }
}
