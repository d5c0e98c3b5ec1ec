package dev.narthex.web.diff;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.path.Paths;
import dev.narthex.nix.DrvName;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.web.files.BrowseTarget;
import dev.narthex.web.files.FileTree;
import dev.narthex.web.files.FileTreeFactory;
import dev.narthex.web.files.FlatTree;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.release.DerivationDiff;
import dev.narthex.web.release.DerivationPageBuilder;
import dev.narthex.web.release.ReleaseContext;
import dev.narthex.web.view.DerivationChanges;
import dev.narthex.web.view.DiffView;
import dev.narthex.web.view.DiffView.ClosureSize;
import dev.narthex.web.view.DiffView.Side;
import dev.narthex.web.view.FileChanges;
import dev.narthex.web.view.ReleaseHead;
import dev.narthex.web.view.Urls;
import io.quarkus.logging.Log;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Builds the comparison of two versions of a package, or of two store paths. Uses a fixed number of queries. {@link FileDiff}
 * limits how many bytes are read, and only a few comparisons run concurrently.
 */
@ApplicationScoped
public class DiffPageBuilder {
    /** Limits concurrent comparisons, because comparing two large paths takes about a second of processor time. */
    private static final Semaphore TURNS = new Semaphore(2, true);

    private static final int WAIT_SECONDS = 30;

    private final Paths paths;
    private final PathHeaders heads;
    private final FileTreeFactory trees;
    private final DependencyDiff dependencies;
    private final DerivationPageBuilder derivations;

    DiffPageBuilder(
            Paths paths,
            PathHeaders heads,
            FileTreeFactory trees,
            DependencyDiff dependencies,
            DerivationPageBuilder derivations) {
        this.paths = paths;
        this.heads = heads;
        this.trees = trees;
        this.dependencies = dependencies;
        this.derivations = derivations;
    }

    public DiffView releases(ReleaseContext a, ReleaseContext b) {
        var view =
                compare(a.subject(), b.subject(), a.head().version(), b.head().version());
        return new DiffView(
                Optional.of(b.head().ecosystem()),
                b.head().name(),
                view.a(),
                view.b(),
                Urls.diff(b.head().url(), a.head().version()),
                view.same(),
                Optional.of(dependencies.of(a, b)),
                view.closure(),
                view.derivations(),
                view.files(),
                view.noFiles());
    }

    /** Compares two store paths, in the same cache or in different ones. */
    public DiffView paths(Cache cacheOfA, String a, Cache cacheOfB, String b) {
        var first = DiffTargets.withSide("first", () -> heads.subject(cacheOfA, a));
        var second = DiffTargets.withSide("second", () -> heads.subject(cacheOfB, b));
        var label = label(first.path().path(), second.path().path());
        return compare(first, second, label.apply(first), label.apply(second));
    }

    /** Returns a function that labels a side by the first property in which the two differ: name, hash part or cache. */
    private static Function<BrowseTarget, String> label(StorePath a, StorePath b) {
        return subject -> !a.name().equals(b.name())
                ? subject.path().path().name()
                : !a.hash().equals(b.hash())
                        ? subject.path().path().hash()
                        : subject.cache().name();
    }

    private DiffView compare(BrowseTarget a, BrowseTarget b, String labelOfA, String labelOfB) {
        var closureOfA = closure(a);
        var closureOfB = closure(b);
        boolean same = a.path().narHash().equals(b.path().narHash());
        var contents = contents(a, b, same);
        return new DiffView(
                Optional.empty(),
                "",
                side(a, labelOfA, closureOfA),
                side(b, labelOfB, closureOfB),
                Urls.diff(
                        b.cache().name(),
                        b.path().path().hash(),
                        a.cache().name(),
                        a.path().path().hash()),
                same,
                Optional.empty(),
                ClosureDiff.of(a.cache(), closureOfA, b.cache(), closureOfB),
                contents.derivations,
                contents.files.changes,
                contents.files.why);
    }

    private Closure closure(BrowseTarget subject) {
        return paths.closure(subject.cache().id(), subject.path().path().hash(), ClosureSizes.MAX_PATHS);
    }

    private static Side side(BrowseTarget subject, String label, Closure closure) {
        var path = subject.path();
        var release = subject.release();
        return new Side(
                subject.cache().name(),
                label,
                subject.url(),
                ViewMapper.item(subject.cache(), path.path(), path.narSize()),
                release.map(ReleaseHead::publishedAt).orElse(path.pushedAt()),
                release.map(ReleaseHead::arrival).orElse(ReleaseContext.arrival(path.origin())),
                release.map(ReleaseHead::wholePath).orElse(true),
                release.map(ReleaseHead::downloadSize).orElse(path.fileSize()),
                path.narHash().toString(),
                path.narSize(),
                release.map(ReleaseHead::licence).orElse(""),
                release.map(ReleaseHead::builtBy).orElse(subject.head().builtBy()),
                path.deriver().map(StorePath::toString).orElse(""),
                new ClosureSize(closure.narSize(), closure.nodes().size(), closure.complete()));
    }

    /** @param why "many" or "unreadable" if there are no changes, else empty */
    private record Files(Optional<FileChanges> changes, String why) {}

    private record Contents(Optional<DerivationChanges> derivations, Files files) {}

    private Contents contents(BrowseTarget a, BrowseTarget b, boolean same) {
        await();
        try {
            return new Contents(derivations(a, b), same ? new Files(Optional.empty(), "") : files(a, b));
        } finally {
            TURNS.release();
        }
    }

    private Optional<DerivationChanges> derivations(BrowseTarget a, BrowseTarget b) {
        try {
            var sideOfA = derivations.side(a);
            var sideOfB = derivations.side(b);
            return sideOfA.flatMap(first -> sideOfB.map(second -> DerivationDiff.of(first, second)));
        } catch (IOException | ProblemException e) {
            Log.warnf(
                    "cannot compare the derivations of %s and %s: %s",
                    a.path().path(), b.path().path(), e.getMessage());
            return Optional.empty();
        }
    }

    /** Compares the files. If the bytes cannot be read, the page is shown without files. */
    private Files files(BrowseTarget a, BrowseTarget b) {
        try {
            var treeOfA = trees.of(a, false);
            var treeOfB = trees.of(b, false);
            var leavesOfA = FlatTree.of(treeOfA.listing());
            var leavesOfB = FlatTree.of(treeOfB.listing());
            if (leavesOfA.isEmpty() || leavesOfB.isEmpty()) {
                return new Files(Optional.empty(), "many");
            }
            return new Files(
                    Optional.of(FileDiff.of(side(a, treeOfA, leavesOfA.get()), side(b, treeOfB, leavesOfB.get()))), "");
        } catch (IOException | ProblemException e) {
            Log.warnf("cannot compare %s with %s: %s", a.path().path(), b.path().path(), e.getMessage());
            return new Files(Optional.empty(), "unreadable");
        }
    }

    private static void await() {
        try {
            if (TURNS.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.unavailable("Other comparisons are running. Try again later.", WAIT_SECONDS);
    }

    private static FileDiff.Side side(BrowseTarget subject, FileTree tree, Map<String, Entry> files) {
        var path = subject.path();
        var version = subject.release()
                .map(ReleaseHead::version)
                .orElseGet(() -> DrvName.parse(path.path().name()).version());
        return new FileDiff.Side(tree, files, subject.url() + "/files", version, new HashMask(hashes(path)));
    }

    private static List<String> hashes(PathInfo path) {
        return Stream.concat(Stream.of(path.path().baseName()), path.references().stream())
                .map(base -> base.substring(0, HashMask.LENGTH))
                .distinct()
                .toList();
    }
}
