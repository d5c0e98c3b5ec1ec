package dev.narthex.web;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Optional;

/** Looks into what clients fetch of a release; once, since its bytes stay. */
@ApplicationScoped
class Inspections {
    private static final int KEPT = 2000;

    private final FileTrees trees;
    private final Cache<Key, Inspection> kept =
            Caffeine.newBuilder().maximumSize(KEPT).build();

    Inspections(FileTrees trees) {
        this.trees = trees;
    }

    private record Key(StorePath path, NixHash nar, long offset) {}

    /**
     * @param browsable whether its files have pages: those of an archive that is one file among others of a path have none
     */
    record Looked(Inspection inspection, boolean browsable) {}

    /** Empty if it is a file that cannot be looked into, or if its bytes are not there. */
    Optional<Looked> of(Release release) {
        try {
            var tree = trees.of(release.subject(), false);
            if (tree.inArchive() || release.main().origin().equals("path")) {
                return Optional.of(new Looked(inspect(release, tree, 0), true));
            }
            if (tree.listing().root() instanceof Entry.Regular) {
                return Optional.empty();
            }
            var artifact = release.main();
            var inside = trees.of(release.path(), artifact);
            return inside.isPresent()
                    ? Optional.of(new Looked(inspect(release, inside.get(), artifact.offset()), false))
                    : Optional.empty();
        } catch (IOException | ProblemException e) {
            return Optional.empty();
        }
    }

    private Inspection inspect(Release release, FileTree tree, long offset) throws IOException {
        var key = new Key(release.path().path(), release.path().narHash(), offset);
        var known = kept.getIfPresent(key);
        if (known == null) {
            known = Inspection.of(tree, release.path().path());
            kept.put(key, known);
        }
        return known;
    }
}
