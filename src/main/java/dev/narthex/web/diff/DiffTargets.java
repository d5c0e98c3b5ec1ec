package dev.narthex.web.diff;

import dev.narthex.access.Access;
import dev.narthex.access.Action;
import dev.narthex.catalog.path.Paths;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.InstalledEcosystems;
import dev.narthex.web.page.PageAddress;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.release.ReleaseFinder;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Resolves the two sides of {@code /diff?a=&b=}, to which comparison forms are sent. A side is a store path or its hash part,
 * which is looked up in the caches that the user may see, or the URL of a release or store path, with or without the host. Two
 * versions of a package are compared on the package's diff page. Everything else is compared as two store paths; a release is
 * represented by its primary path.
 */
@ApplicationScoped
public class DiffTargets {
    /** Longer than a name and version of any ecosystem, even with all characters percent-encoded. */
    private static final int MAX_LENGTH = 2000;

    private static final String HASH = "([0-9a-df-np-sv-z]{32})";
    private static final String NAME = "-[0-9A-Za-z+._?=-]{1,211}";

    /** A full store path, optionally with a file below it, or a hash part, optionally with the name. */
    private static final Pattern PATH =
            Pattern.compile("/nix/store/" + HASH + NAME + "(?:/.*)?|" + HASH + "(?:" + NAME + ")?");

    private static final String WANTED =
            "a store path, the 32 characters of its hash part, or cache/registry/name@version is wanted.";

    private final Access access;
    private final Paths paths;
    private final ReleaseFinder releases;
    private final InstalledEcosystems ecosystems;
    private final String baseUrl;

    DiffTargets(
            Access access,
            Paths paths,
            ReleaseFinder releases,
            InstalledEcosystems ecosystems,
            @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.access = access;
        this.paths = paths;
        this.releases = releases;
        this.ecosystems = ecosystems;
        this.baseUrl = baseUrl;
    }

    private sealed interface DiffTarget {
        Optional<String> cache();

        record ReleaseTarget(PageAddress.PackagePage release) implements DiffTarget {
            @Override
            public Optional<String> cache() {
                return Optional.of(release.cache());
            }
        }

        record PathTarget(Optional<String> cache, String hash) implements DiffTarget {}
    }

    /**
     * Returns the caches that the two sides name, plus all caches that the user may see if a side names none. Permissions are
     * checked before anything is looked up.
     *
     * @throws ProblemException Malformed with the name of the invalid side, else as {@link Access#require(Action, String)}
     */
    public List<Cache> readable(PageRequest request) {
        var sides = List.of(side(request, "a"), side(request, "b"));
        var caches = sides.stream()
                .flatMap(target -> target.cache().stream())
                .distinct()
                .map(cache -> access.require(Action.READ, cache))
                .toList();
        boolean anywhere = sides.stream().anyMatch(target -> target.cache().isEmpty());
        return Stream.concat(caches.stream(), anywhere ? access.visible().stream() : Stream.of())
                .distinct()
                .toList();
    }

    /**
     * Returns the URL of the page that compares the two sides.
     *
     * @throws ProblemException NotFound with the side that does not exist
     */
    public String page(List<Cache> readable, PageRequest request) {
        var a = side(request, "a");
        var b = side(request, "b");
        if (a instanceof DiffTarget.ReleaseTarget from && b instanceof DiffTarget.ReleaseTarget to) {
            var page = page(from.release, to.release);
            if (page.isPresent()) {
                return page.get();
            }
        }
        var places = pathRefs(readable, a, b);
        var from = places.getFirst();
        var to = places.getLast();
        return Urls.diff(from.cache, from.hash, to.cache, to.hash);
    }

    /** Returns the URL of the diff page; empty unless both releases belong to the same package. */
    private Optional<String> page(PageAddress.PackagePage a, PageAddress.PackagePage b) {
        if (!a.cache().equals(b.cache()) || !a.ecosystem().equals(b.ecosystem())) {
            return Optional.empty();
        }
        var ecosystem = ecosystems.require(a.ecosystem());
        var name = ecosystem.normalize(a.name());
        return name.equals(ecosystem.normalize(b.name()))
                ? Optional.of(Urls.diff(Urls.release(a.cache(), a.ecosystem(), name, version(a)), version(b)))
                : Optional.empty();
    }

    private static String version(PageAddress.PackagePage release) {
        return release.version().orElseThrow(() -> new IllegalStateException("a side is a release with a version"));
    }

    private record PathRef(String cache, String hash) {}

    private List<PathRef> pathRefs(List<Cache> readable, DiffTarget a, DiffTarget b) {
        var places = new ArrayList<Optional<PathRef>>();
        places.add(withSide("first", () -> pathRef(readable, a)));
        places.add(withSide("second", () -> pathRef(readable, b)));
        if (places.stream().allMatch(Optional::isPresent)) {
            return places.stream().flatMap(Optional::stream).toList();
        }
        var hashes = Stream.of(a, b)
                .filter(DiffTarget.PathTarget.class::isInstance)
                .map(target -> ((DiffTarget.PathTarget) target).hash)
                .toList();
        var holders = paths.cachesWith(readable.stream().map(Cache::id).toList(), hashes);
        var first = places.getFirst();
        var second = places.getLast();
        return List.of(
                first.orElseGet(() -> withSide("first", () -> find(readable, holders, a, second, b))),
                second.orElseGet(() -> withSide("second", () -> find(readable, holders, b, first, a))));
    }

    /** Returns the cache and hash part of a side; empty for a path without a cache. */
    private Optional<PathRef> pathRef(List<Cache> readable, DiffTarget target) {
        return switch (target) {
            case DiffTarget.PathTarget path -> path.cache.map(cache -> new PathRef(cache, path.hash));
            case DiffTarget.ReleaseTarget(PageAddress.PackagePage release) -> {
                var cache = readable.stream()
                        .filter(c -> c.name().equals(release.cache()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("a cache that was not judged"));
                yield Optional.of(new PathRef(
                        cache.name(),
                        releases.require(cache, release).path().path().hash()));
            }
        };
    }

    /** Finds a cache with the path. A cache that also has the other side is preferred; otherwise the first one is used. */
    private static PathRef find(
            List<Cache> readable,
            Map<String, Set<Long>> holders,
            DiffTarget target,
            Optional<PathRef> other,
            DiffTarget otherSide) {
        var hash = ((DiffTarget.PathTarget) target).hash;
        var having = readable.stream()
                .filter(cache -> holders.getOrDefault(hash, Set.of()).contains(cache.id()))
                .toList();
        return having.stream()
                .filter(cache -> other.map(ref -> ref.cache.equals(cache.name()))
                        .orElseGet(() -> otherSide instanceof DiffTarget.PathTarget path
                                && holders.getOrDefault(path.hash, Set.of()).contains(cache.id())))
                .findFirst()
                .or(() -> having.stream().findFirst())
                .map(cache -> new PathRef(cache.name(), hash))
                .orElseThrow(() -> Problem.notFound("store path", hash));
    }

    /** Runs the lookup, and adds to a NotFound problem which side it concerns. */
    public static <T> T withSide(String which, Supplier<T> side) {
        try {
            return side.get();
        } catch (ProblemException e) {
            if (e.problem() instanceof Problem.NotFound missing) {
                var more = "It is the " + which + " of the two that were to be compared.";
                throw Problem.notFound(
                        missing.what(), missing.name(), missing.more().isEmpty() ? more : missing.more() + " " + more);
            }
            throw e;
        }
    }

    private DiffTarget side(PageRequest request, String name) {
        var given =
                Optional.ofNullable(request.http().getParam(name)).orElse("").strip();
        var path = PATH.matcher(given);
        if (path.matches()) {
            return new DiffTarget.PathTarget(
                    Optional.empty(), Optional.ofNullable(path.group(1)).orElseGet(() -> path.group(2)));
        }
        var local = given.startsWith(baseUrl + "/") ? given.substring(baseUrl.length()) : given;
        var address = given.isEmpty() || given.length() > MAX_LENGTH
                ? Optional.<PageAddress>empty()
                : PageAddress.parse(local.startsWith("/") ? local : "/" + local);
        if (address.orElse(null) instanceof PageAddress.PackagePage release
                && release.version().isPresent()) {
            return new DiffTarget.ReleaseTarget(release);
        }
        if (address.orElse(null) instanceof PageAddress.PathPage page) {
            return new DiffTarget.PathTarget(Optional.of(page.cache()), page.hash());
        }
        throw Problem.malformed("side " + name, given, WANTED);
    }
}
