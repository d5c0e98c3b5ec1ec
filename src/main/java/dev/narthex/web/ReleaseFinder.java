package dev.narthex.web;

import dev.narthex.catalog.PackageRow;
import dev.narthex.catalog.Packages;
import dev.narthex.catalog.PathFacts;
import dev.narthex.catalog.ReleaseLine;
import dev.narthex.catalog.VersionOrder;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.ReleaseView;
import dev.narthex.web.view.PathHead;
import dev.narthex.web.view.ReleaseHead;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what a package's address means. A fixed number of queries, however many releases and artifacts there are. */
@ApplicationScoped
class ReleaseFinder {
    private static final int LISTED = 1000;
    private static final String LATEST = "latest";

    private final Packages packages;
    private final PathHeads paths;
    private final Ecosystems ecosystems;

    ReleaseFinder(Packages packages, PathHeads paths, Ecosystems ecosystems) {
        this.packages = packages;
        this.paths = paths;
        this.ecosystems = ecosystems;
    }

    /** The same page under the name's usual spelling; empty if the address has that already. */
    Optional<String> canonical(PageAddress.OnePackage address) {
        var normalised = ecosystems.require(address.ecosystem()).normalise(address.name());
        if (normalised.equals(address.name())) {
            return Optional.empty();
        }
        var page = address.version()
                .map(v -> Urls.release(address.cache(), address.ecosystem(), normalised, v))
                .orElse(Urls.packagePage(address.cache(), address.ecosystem(), normalised));
        var tab = address.tab().isEmpty() ? page : page + "/" + address.tab();
        return Optional.of(Urls.file(tab, address.file()));
    }

    /** Whether there is such a package, with any version. */
    boolean exists(Cache cache, PageAddress.OnePackage address) {
        var ecosystem = ecosystems.require(address.ecosystem());
        return packages.find(cache.id(), ecosystem.id(), ecosystem.normalise(address.name()))
                .flatMap(row -> packages.defaultVersion(row.id()))
                .isPresent();
    }

    Release require(Cache cache, PageAddress.OnePackage address) {
        var ecosystem = ecosystems.require(address.ecosystem());
        var normalised = ecosystem.normalise(address.name());
        var row = packages.find(cache.id(), ecosystem.id(), normalised)
                .orElseThrow(() -> absent(cache, ecosystem, address.name(), normalised));
        var versions = versions(ecosystem, row, address);
        var version = address.version()
                .map(asked -> packages.resolve(row.id(), asked, VersionOrder.of(ecosystem, asked))
                        .orElseThrow(() -> noVersion(address, asked)))
                .orElse(versions.byDefault);
        var view = packages.release(cache, ecosystem.id(), row.normalised(), version)
                .orElseThrow(() -> noVersion(address, version));
        return release(cache, row, view, versions);
    }

    /** @param byDefault what clients get who name no version */
    private record Versions(List<ReleaseLine> lines, Map<String, String> tags, String byDefault) {
        Optional<ReleaseLine> line(String version) {
            return lines.stream().filter(l -> l.version().equals(version)).findFirst();
        }
    }

    private Versions versions(Ecosystem ecosystem, PackageRow row, PageAddress.OnePackage address) {
        var lines = packages.releases(row.id(), LISTED);
        var given = packages.tags(row.id());
        var newest = packages.defaultVersion(row.id()).orElseThrow(() -> noVersion(address, LATEST));
        boolean anything = lines.stream().anyMatch(ReleaseLine::released);
        return new Versions(
                lines,
                ecosystem.tags(given, Optional.of(newest).filter(_ -> anything)),
                given.getOrDefault(LATEST, newest));
    }

    private Release release(Cache cache, PackageRow row, ReleaseView view, Versions versions) {
        var line = versions.line(view.version());
        var main = main(view, line);
        var path = paths.require(cache, main.path().hash());
        var pathHead = paths.head(cache, path);
        var head = head(cache, row, view, new Beside(versions, main, path, pathHead));
        return new Release(cache, row.id(), view, versions.lines, versions.tags, main, path, pathHead, head);
    }

    /** Whoever follows a dependency here is told that it is the cache that lacks it. */
    private RuntimeException absent(Cache cache, Ecosystem ecosystem, String name, String normalised) {
        var wanting = packages.someDependents(cache.id(), ecosystem.id(), normalised, Problem.NotFound.NAMED);
        return new Problem.NotFound(
                        ecosystem.title() + " package", name, Problem.NotFound.wanted(cache.name(), wanting))
                .asException();
    }

    private static Artifact main(ReleaseView view, Optional<ReleaseLine> line) {
        return view.artifacts().stream()
                .filter(a ->
                        line.filter(l -> l.mainPath().equals(a.path().hash())).isPresent())
                .findFirst()
                .or(() -> view.artifacts().stream().findFirst())
                .orElseThrow(() -> new Problem.NotFound("version", view.version()).asException());
    }

    private record Beside(Versions versions, Artifact main, PathFacts path, PathHead pathHead) {}

    private ReleaseHead head(Cache cache, PackageRow row, ReleaseView view, Beside beside) {
        long references = beside.path.references().stream()
                .filter(base -> !base.equals(beside.path.path().base()))
                .count();
        return new ReleaseHead(
                cache.name(),
                ecosystems.name(view.ecosystem()),
                row.name(),
                row.normalised(),
                view.version(),
                Urls.release(cache.name(), view.ecosystem(), row.normalised(), view.version()),
                Urls.packagePage(cache.name(), view.ecosystem(), row.normalised()),
                view.prerelease(),
                view.released(),
                beside.versions.byDefault,
                Release.tagsOf(beside.versions.tags, view.version()),
                view.facts().summary(),
                view.facts().licence(),
                view.publishedAt(),
                isWholePath(beside.main) ? beside.path.fileSize() : beside.main.length(),
                beside.versions.lines.size(),
                view.dependencies().size() + references,
                packages.dependentCount(cache.id(), view.ecosystem(), row.normalised()),
                beside.path.deriver().isPresent(),
                beside.pathHead.builtBy());
    }

    /** Of a whole path clients fetch the compressed NAR. */
    private static boolean isWholePath(Artifact artifact) {
        return artifact.origin().equals("path");
    }

    private static RuntimeException noVersion(PageAddress.OnePackage address, String version) {
        return new Problem.NotFound("version", address.name() + " " + version).asException();
    }
}
