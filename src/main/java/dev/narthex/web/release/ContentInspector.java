package dev.narthex.web.release;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import dev.narthex.web.files.FileInspection;
import dev.narthex.web.files.FileTree;
import dev.narthex.web.files.FileTreeFactory;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;

/** Inspects the files that clients fetch of a release. Results are cached, because the bytes never change. */
@ApplicationScoped
class ContentInspector {
    private static final int KEPT = 2000;

    private final FileTreeFactory trees;
    private final Cache<Key, FileInspection> inspections =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    ContentInspector(FileTreeFactory trees) {
        this.trees = trees;
    }

    private record Key(StorePath path, NixHash nar, long offset) {}

    /**
     * An inspection.
     *
     * @param browsable whether the files have pages; false for an archive that is one of several files in a path
     */
    record InspectionResult(FileInspection inspection, boolean browsable) {}

    /** Returns the inspection; empty if the file is not an archive or its bytes are unavailable. */
    Optional<InspectionResult> of(ReleaseContext release) {
        try {
            var tree = trees.of(release.subject(), false);
            if (tree.inArchive() || release.main().origin().equals("path")) {
                return Optional.of(new InspectionResult(inspect(release, tree, 0), true));
            }
            if (tree.listing().root() instanceof Entry.Regular) {
                return Optional.empty();
            }
            var artifact = release.main();
            var inside = trees.of(release.path(), artifact);
            return inside.isPresent()
                    ? Optional.of(new InspectionResult(inspect(release, inside.get(), artifact.offset()), false))
                    : Optional.empty();
        } catch (IOException | ProblemException e) {
            return Optional.empty();
        }
    }

    private FileInspection inspect(ReleaseContext release, FileTree tree, long offset) throws IOException {
        var key = new Key(release.path().path(), release.path().narHash(), offset);
        var inspection = inspections.getIfPresent(key);
        if (inspection == null) {
            inspection = FileInspection.of(tree, release.path().path());
            inspections.put(key, inspection);
        }
        return inspection;
    }
}
