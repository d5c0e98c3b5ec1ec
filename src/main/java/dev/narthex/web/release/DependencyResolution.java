package dev.narthex.web.release;

import dev.narthex.catalog.release.Packages;
import dev.narthex.catalog.release.ReleaseNotes;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Ecosystem;
import dev.narthex.spi.ReleaseView;
import dev.narthex.spi.Resolution;
import dev.narthex.spi.Resolver;
import dev.narthex.web.page.Ecosystems;
import dev.narthex.web.view.DependenciesView.Declared;
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
    private final Ecosystems ecosystems;

    DependencyResolution(Packages packages, Ecosystems ecosystems) {
        this.packages = packages;
        this.ecosystems = ecosystems;
    }

    boolean known(ReleaseView view) {
        return resolver(view).isPresent();
    }

    /** Returns the declared dependencies with the versions that clients choose. Uses one query. */
    List<Declared> declared(ReleaseContext release) {
        var asked = release.view().dependencies();
        var names = asked.stream().map(Dependency::normalized).distinct().toList();
        var resolver = resolver(release.view());
        if (resolver.isEmpty() || names.isEmpty()) {
            var present = names.isEmpty()
                    ? Set.<String>of()
                    : packages.listExisting(release.cache().id(), release.view().ecosystem(), names);
            return asked.stream()
                    .map(d -> declared(release, d, present.contains(d.normalized()), ""))
                    .toList();
        }
        var offers =
                packages.availableVersions(release.cache().id(), release.view().ecosystem(), names, List.of());
        return asked.stream()
                .map(d -> declared(release, d, resolver.get(), offers))
                .toList();
    }

    private static Declared declared(
            ReleaseContext release, Dependency asked, Resolver resolver, AvailableVersions offers) {
        var offered = offers.packages().getOrDefault(asked.normalized(), List.of());
        var chosen = resolver.choose(asked, offered).map(AvailableVersions.Version::version);
        return declared(release, asked, !offered.isEmpty(), chosen.orElse(""));
    }

    private static Declared declared(ReleaseContext release, Dependency asked, boolean here, String version) {
        var page = Urls.packagePage(release.cache().name(), release.view().ecosystem(), asked.normalized());
        return new Declared(asked.name(), here ? page : "", asked.range(), asked.kind(), version);
    }

    /** Computes the install size with at most two queries; empty if the ecosystem has no resolver. */
    Optional<InstallSize> size(Cache cache, ReleaseView view) {
        return resolver(view).map(resolver -> size(cache, view, resolver));
    }

    /**
     * The releases that clients install with a release.
     *
     * @param releases in no particular order, including optional ones
     * @param all false if there are more dependencies than the limit, or some are missing in the cache
     */
    record Brought(List<ReleaseNotes> releases, boolean all) {}

    /**
     * Returns the releases that clients install as dependencies, with at most two queries; empty if the ecosystem has no resolver.
     */
    Optional<Brought> brought(ReleaseContext release) {
        return resolver(release.view()).map(resolver -> {
            var found = resolve(release.cache(), release.view(), resolver);
            return new Brought(
                    noted(release.cache(), release.view(), found),
                    found.complete() && found.missing().isEmpty());
        });
    }

    private InstallSize size(Cache cache, ReleaseView view, Resolver resolver) {
        var found = resolve(cache, view, resolver);
        return new Adding(view, resolver, found).add(noted(cache, view, found));
    }

    private List<ReleaseNotes> noted(Cache cache, ReleaseView view, Resolution found) {
        var others = new HashSet<>(found.needed());
        others.addAll(found.optional());
        others.remove(view.id());
        return others.isEmpty() ? List.of() : packages.notes(cache.id(), others);
    }

    private Resolution resolve(Cache cache, ReleaseView view, Resolver resolver) {
        var followed = view.dependencies().stream()
                .filter(d -> resolver.followed().contains(d.kind()))
                .map(Dependency::normalized)
                .toList();
        var offers = followed.isEmpty()
                ? new AvailableVersions(Map.of(), true)
                : packages.availableVersions(cache.id(), view.ecosystem(), followed, resolver.followed());
        return resolver.resolve(view, offers);
    }

    private Optional<Resolver> resolver(ReleaseView view) {
        Optional<Ecosystem> ecosystem = ecosystems.find(view.ecosystem());
        return ecosystem.filter(Resolver.class::isInstance).map(Resolver.class::cast);
    }

    /** Adds up the known sizes. */
    private static final class Adding {
        private final ReleaseView release;
        private final Resolver resolver;
        private final Resolution found;
        private final List<Part> parts = new ArrayList<>();
        private int uncounted;
        private int optional;
        private long optionalSize;

        Adding(ReleaseView release, Resolver resolver, Resolution found) {
            this.release = release;
            this.resolver = resolver;
            this.found = found;
        }

        InstallSize add(List<ReleaseNotes> noted) {
            var url = Urls.release(release.cache(), release.ecosystem(), release.normalized(), release.version());
            part(url, release.name(), release.version(), release.facts().notes(), true);
            noted.forEach(this::add);
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

        private void add(ReleaseNotes noted) {
            if (found.needed().contains(noted.id())) {
                var url = Urls.release(release.cache(), release.ecosystem(), noted.normalized(), noted.version());
                part(url, noted.name(), noted.version(), noted.notes(), false);
            } else {
                optional++;
                optionalSize += resolver.unpackedSize(noted.notes()).orElse(0);
            }
        }

        private void part(String url, String name, String version, Map<String, String> notes, boolean own) {
            var size = resolver.unpackedSize(notes);
            uncounted += size.isPresent() ? 0 : 1;
            parts.add(new Part(url, name, version, size.orElse(0), own));
        }
    }
}
