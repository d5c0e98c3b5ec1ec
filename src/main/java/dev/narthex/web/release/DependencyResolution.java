package dev.narthex.web.release;

import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseNotes;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.spi.Resolution;
import dev.narthex.spi.Resolver;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.view.DependenciesView.DependencyLine;
import dev.narthex.web.view.InstallSize;
import dev.narthex.web.view.InstallSize.Missing;
import dev.narthex.web.view.InstallSize.Part;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Resolves the dependencies of a release within its cache, for ecosystems that define how their clients choose versions. */
@ApplicationScoped
class DependencyResolution {
    private static final int SHOWN = 6;

    private final Packages packages;
    private final InstalledEcosystems ecosystems;

    DependencyResolution(Packages packages, InstalledEcosystems ecosystems) {
        this.packages = packages;
        this.ecosystems = ecosystems;
    }

    boolean hasResolver(ReleaseInfo view) {
        return resolver(view).isPresent();
    }

    /** Returns the declared dependencies with the versions that clients choose. Uses one query. */
    List<DependencyLine> declaredDependencies(ReleaseContext release) {
        var dependencies = release.view().dependencies();
        var names = dependencies.stream().map(Dependency::normalized).distinct().toList();
        var resolver = resolver(release.view());
        if (resolver.isEmpty() || names.isEmpty()) {
            var present = names.isEmpty()
                    ? Set.<String>of()
                    : packages.listExisting(release.cache().id(), release.view().ecosystem(), names);
            return dependencies.stream()
                    .map(d -> declaredDependencies(release, d, present.contains(d.normalized()), ""))
                    .toList();
        }
        var available =
                packages.availableVersions(release.cache().id(), release.view().ecosystem(), names, List.of());
        return dependencies.stream()
                .map(d -> declaredDependencies(release, d, resolver.get(), available))
                .toList();
    }

    private static DependencyLine declaredDependencies(
            ReleaseContext release, Dependency dependency, Resolver resolver, AvailableVersions available) {
        var versions = available.packages().getOrDefault(dependency.normalized(), List.of());
        var chosen = resolver.choose(dependency, versions).map(AvailableVersions.Version::version);
        return declaredDependencies(release, dependency, !versions.isEmpty(), chosen.orElse(""));
    }

    private static DependencyLine declaredDependencies(
            ReleaseContext release, Dependency dependency, boolean here, String version) {
        var page = Urls.packagePage(release.cache().name(), release.view().ecosystem(), dependency.normalized());
        return new DependencyLine(dependency.name(), here ? page : "", dependency.range(), dependency.kind(), version);
    }

    /** Computes the install size with at most two queries; empty if the ecosystem has no resolver. */
    Optional<InstallSize> size(Cache cache, ReleaseInfo view) {
        return resolver(view).map(resolver -> size(cache, view, resolver));
    }

    /**
     * The releases that clients install with a release.
     *
     * @param releases in no particular order, including optional ones
     * @param all false if there are more dependencies than the limit, or some are missing in the cache
     */
    record InstalledReleases(List<ReleaseNotes> releases, boolean complete) {}

    /**
     * Returns the releases that clients install as dependencies, with at most two queries; empty if the ecosystem has no resolver.
     */
    Optional<InstalledReleases> installedReleases(ReleaseContext release) {
        return resolver(release.view()).map(resolver -> {
            var resolution = resolve(release.cache(), release.view(), resolver);
            return new InstalledReleases(
                    withNotes(release.cache(), release.view(), resolution),
                    resolution.complete() && resolution.missing().isEmpty());
        });
    }

    private InstallSize size(Cache cache, ReleaseInfo view, Resolver resolver) {
        var resolution = resolve(cache, view, resolver);
        return new SizeSum(view, resolver, resolution).add(withNotes(cache, view, resolution));
    }

    private List<ReleaseNotes> withNotes(Cache cache, ReleaseInfo view, Resolution resolution) {
        var others = new HashSet<>(resolution.needed());
        others.addAll(resolution.optional());
        others.remove(view.id());
        return others.isEmpty() ? List.of() : packages.notes(cache.id(), others);
    }

    private Resolution resolve(Cache cache, ReleaseInfo view, Resolver resolver) {
        var followed = view.dependencies().stream()
                .filter(d -> resolver.installedKinds().contains(d.kind()))
                .map(Dependency::normalized)
                .toList();
        var available = followed.isEmpty()
                ? new AvailableVersions(Map.of(), true)
                : packages.availableVersions(cache.id(), view.ecosystem(), followed, resolver.installedKinds());
        return resolver.resolve(view, available);
    }

    private Optional<Resolver> resolver(ReleaseInfo view) {
        Optional<Ecosystem> ecosystem = ecosystems.find(view.ecosystem());
        return ecosystem.filter(Resolver.class::isInstance).map(Resolver.class::cast);
    }

    /** Adds up the known sizes. */
    private static final class SizeSum {
        private final ReleaseInfo release;
        private final Resolver resolver;
        private final Resolution found;
        private final List<Part> parts = new ArrayList<>();
        private int uncounted;
        private int optional;
        private long optionalSize;

        SizeSum(ReleaseInfo release, Resolver resolver, Resolution resolution) {
            this.release = release;
            this.resolver = resolver;
            this.found = resolution;
        }

        InstallSize add(List<ReleaseNotes> notes) {
            var url = Urls.release(release.cache(), release.ecosystem(), release.normalized(), release.version());
            part(url, release.name(), release.version(), release.facts().notes(), true);
            notes.forEach(this::add);
            parts.sort(Comparator.comparingLong(Part::size).reversed().thenComparing(Part::name));
            long size = parts.stream().mapToLong(Part::size).sum();
            var shown = parts.stream().limit(SHOWN).toList();
            if (shown.stream().noneMatch(Part::own)) {
                shown = Stream.concat(
                                shown.stream().limit(SHOWN - 1L), parts.stream().filter(Part::own))
                        .toList();
            }
            return new InstallSize(
                    size,
                    parts.size() - 1,
                    shown,
                    parts.size() - shown.size(),
                    size - shown.stream().mapToLong(Part::size).sum(),
                    found.missing().stream()
                            .map(d -> new Missing(d.name(), d.range()))
                            .toList(),
                    uncounted,
                    optional,
                    optionalSize,
                    found.beside(),
                    found.complete());
        }

        private void add(ReleaseNotes notes) {
            if (found.needed().contains(notes.id())) {
                var url = Urls.release(release.cache(), release.ecosystem(), notes.normalized(), notes.version());
                part(url, notes.name(), notes.version(), notes.notes(), false);
            } else {
                optional++;
                optionalSize += resolver.unpackedSize(notes.notes()).orElse(0);
            }
        }

        private void part(String url, String name, String version, Map<String, String> notes, boolean own) {
            var size = resolver.unpackedSize(notes);
            uncounted += size.isPresent() ? 0 : 1;
            parts.add(new Part(url, name, version, size.orElse(0), own));
        }
    }
}
