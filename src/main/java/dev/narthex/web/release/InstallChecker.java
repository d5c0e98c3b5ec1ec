package dev.narthex.web.release;

import dev.narthex.catalog.path.Closure;
import dev.narthex.catalog.path.Paths;
import dev.narthex.catalog.release.Packages;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.InstallSnippet;
import dev.narthex.spi.ReleaseInfo;
import dev.narthex.web.path.ClosureSizes;
import dev.narthex.web.view.InstallCheck;
import dev.narthex.web.view.InstallCheck.State;
import dev.narthex.web.view.InstallCheck.Unit;
import dev.narthex.web.view.InstallSize;
import dev.narthex.web.view.InstallSize.Missing;
import dev.narthex.web.view.Urls;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Checks whether the cache has everything that an install command fetches, before a user copies the command. It uses the same
 * results as the cards "Install size" and "Closure size", so that a page cannot contradict itself.
 */
@ApplicationScoped
class InstallChecker {
    /** See {@link Dependency#kind}. */
    private static final String RUNTIME = "runtime";

    private final InstallSizeCache sizes;
    private final Paths paths;
    private final Packages packages;

    InstallChecker(InstallSizeCache sizes, Paths paths, Packages packages) {
        this.sizes = sizes;
        this.paths = paths;
        this.packages = packages;
    }

    /** Runs the check. Uses at most two queries. */
    InstallCheck of(Cache cache, ReleaseInfo view, InstallSnippet snippet) {
        return snippet.path()
                .map(path -> ofClosure(cache, path, paths.closure(cache.id(), path.hash(), ClosureSizes.MAX_PATHS)))
                .orElseGet(() -> ofPackages(cache, view));
    }

    static InstallCheck ofClosure(Cache cache, StorePath path, Closure closure) {
        var state =
                closure.complete() ? State.COMPLETE : closure.missing().isEmpty() ? State.TOO_LARGE : State.INCOMPLETE;
        return new InstallCheck(
                state,
                Unit.STORE_PATHS,
                closure.nodes().size(),
                closure.narSize(),
                closure.missing().stream()
                        .map(base -> new Missing(StorePath.parseBaseName(base).name(), ""))
                        .toList(),
                closure.missing().size(),
                Urls.storePath(cache.name(), path.hash()) + "/closure");
    }

    private InstallCheck ofPackages(Cache cache, ReleaseInfo view) {
        var url = Urls.release(cache.name(), view.ecosystem(), view.normalized(), view.version()) + "/dependencies";
        var cachedSize = sizes.of(cache, view);
        if (!cachedSize.fresh()) {
            return InstallCheck.of(State.PENDING, Unit.PACKAGES, url);
        }
        return cachedSize.size().map(size -> ofPackages(size, url)).orElseGet(() -> byName(cache, view, url));
    }

    /**
     * Checks dependencies by name only, for ecosystems without a resolver: a dependency is known to be missing if no version of it
     * is here.
     */
    private InstallCheck byName(Cache cache, ReleaseInfo view, String url) {
        if (view.dependencies().isEmpty()) {
            return new InstallCheck(State.COMPLETE, Unit.PACKAGES, 1, 0, List.of(), 0, url);
        }
        var required = view.dependencies().stream()
                .filter(dependency -> dependency.kind().equals(RUNTIME) && !isConditional(dependency))
                .toList();
        var present = packages.listExisting(
                cache.id(),
                view.ecosystem(),
                required.stream().map(Dependency::normalized).toList());
        var missing = required.stream()
                .filter(dependency -> !present.contains(dependency.normalized()))
                .map(dependency -> new Missing(dependency.name(), dependency.range()))
                .distinct()
                .toList();
        return missing.isEmpty()
                ? InstallCheck.of(State.UNKNOWN, Unit.PACKAGES, url)
                : new InstallCheck(State.INCOMPLETE, Unit.PACKAGES, 0, 0, missing, missing.size(), url);
    }

    /**
     * Returns whether only the client can decide if the dependency is needed, for example a Python requirement with an environment
     * marker.
     */
    private static boolean isConditional(Dependency dependency) {
        return dependency.range().contains(";");
    }

    private static InstallCheck ofPackages(InstallSize size, String url) {
        var state = !size.missing().isEmpty() ? State.INCOMPLETE : size.complete() ? State.COMPLETE : State.TOO_LARGE;
        return new InstallCheck(
                state,
                Unit.PACKAGES,
                size.dependencies() + 1,
                size.uncounted() == 0 ? size.size() : 0,
                size.missing(),
                size.missing().size(),
                url);
    }
}
