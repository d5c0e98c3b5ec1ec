package dev.narthex.web.release;

import dev.narthex.catalog.path.PathInfo;
import dev.narthex.catalog.release.PackageNames;
import dev.narthex.catalog.release.PackageRow;
import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseHistory;
import dev.narthex.catalog.release.ReleaseWithPrimary;
import dev.narthex.catalog.release.VersionSortKey;
import dev.narthex.problem.DependentsText;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.web.page.Format;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.path.DamageWarnings;
import dev.narthex.web.path.PathHeaders;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the release that a package URL refers to. The number of queries does not depend on the number of releases and artifacts.
 */
@ApplicationScoped
public class ReleaseFinder {
    private static final int REASON = 300;
    private static final String LATEST = "latest";

    private final Packages packages;
    private final ReleaseHistory history;
    private final PathHeaders paths;
    private final DamageWarnings damages;
    private final InstalledEcosystems ecosystems;

    ReleaseFinder(
            Packages packages,
            ReleaseHistory history,
            PathHeaders paths,
            DamageWarnings damages,
            InstalledEcosystems ecosystems) {
        this.packages = packages;
        this.history = history;
        this.paths = paths;
        this.damages = damages;
        this.ecosystems = ecosystems;
    }

    /** Returns the page's URL with the normalized name; empty if the URL already has it. */
    public Optional<String> canonical(PageAddress.PackagePage address) {
        var normalized = ecosystems.require(address.ecosystem()).normalize(address.name());
        if (normalized.equals(address.name())) {
            return Optional.empty();
        }
        var page = address.version()
                .map(v -> Urls.release(address.cache(), address.ecosystem(), normalized, v))
                .orElse(Urls.packagePage(address.cache(), address.ecosystem(), normalized));
        var tab = address.tab().isEmpty() ? page : page + "/" + address.tab();
        return Optional.of(Urls.file(tab, address.file()));
    }

    /** Returns whether the package exists with at least one version. */
    public boolean exists(Cache cache, PageAddress.PackagePage address) {
        var ecosystem = ecosystems.require(address.ecosystem());
        return packages.find(cache.id(), ecosystem.id(), ecosystem.normalize(address.name()))
                .flatMap(row -> packages.defaultVersion(row.id()))
                .isPresent();
    }

    public ReleaseContext require(Cache cache, PageAddress.PackagePage address) {
        var ecosystem = ecosystems.require(address.ecosystem());
        var names = packages.findWithVersions(cache.id(), ecosystem.id(), ecosystem.normalize(address.name()))
                .orElseThrow(() -> notFound(cache, ecosystem, address));
        var row = names.row();
        var byDefault = byDefault(names, cache, address);
        var version = address.version()
                .map(asked -> packages.resolve(row.id(), asked, VersionSortKey.of(ecosystem, asked))
                        .orElseThrow(() -> noVersion(cache, address, asked, byDefault)))
                .orElse(byDefault);
        var led = packages.findWithPrimary(cache, ecosystem.id(), row.normalized(), version)
                .orElseThrow(() -> noVersion(cache, address, version, ""));
        return release(cache, ecosystem, names, byDefault, led);
    }

    /** Returns the package, even if it has no versions. */
    public PackageRow row(Cache cache, PageAddress.PackagePage address) {
        var ecosystem = ecosystems.require(address.ecosystem());
        var normalized = ecosystem.normalize(address.name());
        return packages.find(cache.id(), ecosystem.id(), normalized)
                .orElseThrow(() -> notFound(cache, ecosystem, address));
    }

    private RuntimeException notFound(Cache cache, Ecosystem ecosystem, PageAddress.PackagePage address) {
        return address.version()
                .flatMap(asked -> findRemovedProblem(cache, address, asked, ""))
                .orElseGet(() -> notFound(cache, ecosystem, address.name(), ecosystem.normalize(address.name())));
    }

    /** Returns the version that clients get if they request none. */
    private String byDefault(PackageNames names, Cache cache, PageAddress.PackagePage address) {
        var newest = names.byDefault()
                .orElseThrow(() -> address.version()
                        .map(asked -> noVersion(cache, address, asked, ""))
                        .orElseGet(() -> noVersions(names.row())));
        return names.tags().getOrDefault(LATEST, newest);
    }

    private ReleaseContext release(
            Cache cache, Ecosystem ecosystem, PackageNames names, String byDefault, ReleaseWithPrimary release) {
        var view = release.view();
        var main = main(release);
        var path = paths.require(cache, main.path().hash());
        var tags = ecosystem.tags(names.tags(), names.byDefault().filter(_ -> names.released()));
        var pathHead = paths.head(cache, path);
        var head = head(cache, names, view, new HeadFacts(byDefault, tags, main, path, pathHead));
        return new ReleaseContext(
                cache,
                names.row().id(),
                names.released(),
                view,
                tags,
                release.publishedBy(),
                main,
                path,
                pathHead,
                head);
    }

    /**
     * Returns the problem for a missing package. It lists dependents, to tell users who follow a dependency that this cache lacks
     * the package.
     */
    private RuntimeException notFound(Cache cache, Ecosystem ecosystem, String name, String normalized) {
        var wanting = packages.someDependents(cache.id(), ecosystem.id(), normalized, DependentsText.MAX_NAMES);
        return Problem.notFound(ecosystem.title() + " package", name, DependentsText.sentence(cache.name(), wanting));
    }

    private static Artifact main(ReleaseWithPrimary release) {
        var artifacts = release.view().artifacts();
        return artifacts.stream()
                .filter(a -> a.path().hash().equals(release.mainPath()))
                .findFirst()
                .orElseGet(artifacts::getFirst);
    }

    private record HeadFacts(
            String byDefault, Map<String, String> tags, Artifact main, PathInfo path, PathHead pathHead) {}

    private ReleaseHead head(Cache cache, PackageNames names, ReleaseInfo view, HeadFacts facts) {
        var row = names.row();
        long references = facts.path.references().stream()
                .filter(base -> !base.equals(facts.path.path().baseName()))
                .count();
        return new ReleaseHead(
                cache.name(),
                ecosystems.name(view.ecosystem()),
                row.name(),
                row.normalized(),
                view.version(),
                Urls.release(cache.name(), view.ecosystem(), row.normalized(), view.version()),
                Urls.packagePage(cache.name(), view.ecosystem(), row.normalized()),
                view.prerelease(),
                view.released(),
                facts.byDefault,
                ReleaseContext.tagsOf(facts.tags, view.version()),
                view.facts().summary(),
                view.facts().licence(),
                view.publishedAt(),
                ReleaseContext.arrival(facts.path.origin()),
                isWholePath(facts.main),
                isWholePath(facts.main) ? facts.path.fileSize() : facts.main.length(),
                names.versions(),
                view.dependencies().size() + references,
                packages.dependentCount(cache.id(), view.ecosystem(), row.normalized()),
                facts.path.deriver().isPresent(),
                facts.pathHead.builtBy(),
                damages.of(cache, view.artifacts()));
    }

    /** Returns whether clients fetch the compressed NAR of the whole path. */
    private static boolean isWholePath(Artifact artifact) {
        return artifact.origin().equals("path");
    }

    /** @param instead version that clients get if they request none; empty if there is no version */
    private RuntimeException noVersion(Cache cache, PageAddress.PackagePage address, String version, String instead) {
        return findRemovedProblem(cache, address, version, instead)
                .orElseGet(() -> Problem.notFound("version", address.name() + " " + version));
    }

    /** Returns the problem for a package without versions. The name remains reserved for its publisher. */
    private static RuntimeException noVersions(PackageRow row) {
        return Problem.gone("package", row.name(), "All its versions were deleted.", Optional.empty());
    }

    /** Returns the problem for a deleted version, so that users of an old URL learn that it was valid. */
    private Optional<RuntimeException> findRemovedProblem(
            Cache cache, PageAddress.PackagePage address, String version, String instead) {
        var ecosystem = ecosystems.require(address.ecosystem());
        var normalized = ecosystem.normalize(address.name());
        return history.findRemoved(cache.id(), ecosystem.id(), normalized, version)
                .map(removed -> {
                    var when = "That was on " + Format.date(removed.at()) + ".";
                    var why = removed.reason().isBlank() ? "" : " Reason: " + Format.truncate(removed.reason(), REASON);
                    var left = instead.isEmpty()
                            ? "No other version of it is in " + cache.name() + "."
                            : "In its place " + cache.name() + " has " + address.name() + " " + instead + ".";
                    var page = Urls.packagePage(cache.name(), ecosystem.id(), normalized);
                    return Problem.gone(
                            "version",
                            address.name() + " " + version,
                            when + why + " " + left,
                            instead.isEmpty() ? Optional.empty() : Optional.of(page));
                });
    }
}
