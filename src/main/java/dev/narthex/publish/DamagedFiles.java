package dev.narthex.publish;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.DerivedFileRepository;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import jakarta.enterprise.context.ApplicationScoped;

/** Explains damaged files of releases: which store path must be pushed again to repair them. */
@ApplicationScoped
public class DamagedFiles {
    private static final String DERIVED = "derived";

    private final Paths paths;
    private final DerivedFileRepository derivedFiles;

    DamagedFiles(Paths paths, DerivedFileRepository derivedFiles) {
        this.paths = paths;
        this.derivedFiles = derivedFiles;
    }

    /**
     * Returns the error for an artifact that cannot be opened. The release roots its paths, so damage is the only reason for a path
     * to be missing.
     */
    public Problem problemFor(long cacheId, Artifact artifact) {
        return paths.findDamaged(cacheId, artifact.path().hash())
                .<Problem>map(path -> new Problem.Damaged(
                        artifact.filename(),
                        path.damagedAt(),
                        repairPath(cacheId, path).toString()))
                .orElseGet(() -> new Problem.NotFound("file", artifact.filename()));
    }

    /**
     * Returns the store path that repairs a damaged path when it is pushed again. For a derived file, which nobody can push, it is
     * the tree that the file was made from.
     */
    public StorePath repairPath(long cacheId, PathInfo path) {
        return path.origin().equals(DERIVED)
                ? derivedFiles
                        .source(cacheId, path.path().hash())
                        .flatMap(hash -> paths.find(cacheId, hash).or(() -> paths.findDamaged(cacheId, hash)))
                        .map(PathInfo::path)
                        .orElse(path.path())
                : path.path();
    }
}
