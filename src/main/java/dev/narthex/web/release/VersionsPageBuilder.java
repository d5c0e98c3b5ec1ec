package dev.narthex.web.release;

import dev.narthex.catalog.path.ClosureTotals;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseSummary;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.path.SignatureTrust;
import dev.narthex.web.view.DiffView.ClosureSize;
import dev.narthex.web.view.PathView;
import dev.narthex.web.view.Urls;
import dev.narthex.web.view.VersionsView;
import dev.narthex.web.view.VersionsView.Line;
import dev.narthex.web.view.VersionsView.PreviousVersion;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds the list of a package's versions with their sizes and signatures. Uses few queries in addition to those that find the
 * release.
 */
@ApplicationScoped
public class VersionsPageBuilder {
    /**
     * Maximum number of listed versions. Closure sizes are computed for the newest {@link #WEIGHED} of them, more than nearly all
     * packages have.
     */
    private static final int LISTED = 1000;

    private static final int WEIGHED = 300;

    private final Paths paths;
    private final Packages packages;
    private final SignatureTrust trust;

    VersionsPageBuilder(Packages packages, Paths paths, SignatureTrust trust) {
        this.packages = packages;
        this.paths = paths;
        this.trust = trust;
    }

    /** Facts by the hash part of each version's primary path. */
    private record PathFigures(Map<String, ClosureTotals> weights, Map<String, List<PathView.Signature>> signatures) {}

    public VersionsView versions(ReleaseContext release) {
        var lines = packages.releases(release.packageId(), LISTED);
        var main = lines.stream().map(ReleaseSummary::mainPath).toList();
        long cache = release.cache().id();
        var weights =
                paths.closureTotals(cache, main.subList(0, Math.min(WEIGHED, main.size())), ClosureSizes.MAX_PATHS);
        var figures = new PathFigures(weights, trust.foreignSignatures(paths.findSigned(cache, main)));
        var shown = new ArrayList<Line>();
        for (int i = 0; i < lines.size(); i++) {
            shown.add(line(release, lines.get(i), before(lines, i), figures));
        }
        return new VersionsView(release.head(), PackagePageBuilder.tags(release), shown);
    }

    /**
     * Returns the previous version from which users would upgrade: a released one, and a prerelease only if this version is one.
     */
    private static Optional<ReleaseSummary> before(List<ReleaseSummary> lines, int i) {
        var release = lines.get(i);
        return lines.subList(i + 1, lines.size()).stream()
                .filter(line -> line.released() || !release.released())
                .filter(line -> !line.prerelease() || release.prerelease())
                .findFirst();
    }

    private static Line line(
            ReleaseContext release, ReleaseSummary line, Optional<ReleaseSummary> before, PathFigures figures) {
        var head = release.head();
        var weights = figures.weights;
        var weight = weight(weights, line);
        return new Line(
                url(release, line),
                line.version(),
                line.prerelease(),
                line.released(),
                line.version().equals(head.version()),
                line.publishedAt(),
                ReleaseContext.arrival(line.origin()),
                line.publishedBy().orElse(""),
                line.whole(),
                line.size(),
                line.licence(),
                line.withdrawals(),
                figures.signatures.getOrDefault(line.mainPath(), List.of()),
                release.tagsOf(line.version()),
                weight.map(w -> new ClosureSize(w.narSize(), w.paths(), w.complete())),
                before.map(other -> new PreviousVersion(
                        other.version(),
                        Urls.diff(url(release, other), line.version()),
                        change(other, line, weights))));
    }

    private static Optional<ClosureTotals> weight(Map<String, ClosureTotals> weights, ReleaseSummary line) {
        return Optional.ofNullable(weights.get(line.mainPath()));
    }

    private static Optional<Long> change(
            ReleaseSummary before, ReleaseSummary after, Map<String, ClosureTotals> weights) {
        if (!before.whole() && !after.whole()) {
            return Optional.of(after.size() - before.size());
        }
        var from = weight(weights, before).filter(ClosureTotals::complete);
        var to = weight(weights, after).filter(ClosureTotals::complete);
        return from.flatMap(a -> to.map(b -> b.narSize() - a.narSize()));
    }

    private static String url(ReleaseContext release, ReleaseSummary line) {
        var head = release.head();
        return Urls.release(head.cache(), head.ecosystem().id(), head.normalised(), line.version());
    }
}
