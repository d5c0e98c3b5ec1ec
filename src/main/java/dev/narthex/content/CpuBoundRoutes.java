package dev.narthex.content;

import dev.narthex.limits.CpuPermits;
import dev.narthex.limits.CpuPermits.WhenBusy;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lists every route that may process a caller's input for more than a few milliseconds, and its behavior when the server is
 * busy. Other routes read bodies of at most some hundred KiB. Their bodies are read under {@link CpuPermits} too, so that a
 * route missing from this list, such as one of a plugin, cannot stop the server.
 */
public final class CpuBoundRoutes {
    private static final String CACHE = "/[^/]+";

    /**
     * A route.
     *
     * @param path matches the whole path; the time for matching depends only on its length
     */
    public record Route(String name, String method, Pattern path, WhenBusy whenBusy) {
        private static Route refusing(String name, String method, String path) {
            return new Route(name, method, Pattern.compile(path), WhenBusy.REFUSE);
        }

        /** For requests by nix, which gives up when it is refused. */
        private static Route waiting(String name, String method, String path) {
            return new Route(name, method, Pattern.compile(path), WhenBusy.WAIT);
        }
    }

    public static final List<Route> ALL = List.of(
            Route.waiting("NAR", "PUT", CACHE + "/nar/[^/]+"),
            Route.waiting("narinfo", "PUT", CACHE + "/[^/]+\\.narinfo"),
            Route.waiting("listing", "PUT", CACHE + "/[^/]+\\.ls"),
            Route.waiting("build log", "PUT", CACHE + "/log/[^/]+"),
            Route.waiting("realisation", "PUT", CACHE + "/(realisations/[^/]+|build-trace-v2/[^/]+/[^/]+)\\.doi"),
            Route.refusing("derivation metadata", "PUT", "/_api/v1" + CACHE + "/derivation-meta"),
            Route.refusing("attic upload", "PUT", "/_api/v1/upload-path"),
            Route.refusing("attic query", "POST", "/_api/v1/get-missing-paths"),
            Route.refusing("lock", "POST", "/_api/v1" + CACHE + "/locks/[^/]+"),
            Route.refusing("import", "POST", "/_api/v1" + CACHE + "/import"),
            Route.refusing("npm audit", "POST", "/registry" + CACHE + "/npm/-/npm/v1/security/.+"),
            Route.refusing("npm publish", "PUT", "/registry" + CACHE + "/npm/.+"),
            Route.refusing("PyPI upload", "POST", "/registry" + CACHE + "/pypi(/.*)?"),
            Route.refusing("NAR in xz", "GET", CACHE + "/nar/[^/]+\\.xz"),
            Route.refusing("recompressed NAR", "GET", CACHE + "/nar/[^/]+\\.(bz2|lz4|br)"),
            Route.refusing("comparison", "GET", "(/api)?/(.+/)?diff(/.*)?"),
            Route.refusing("files", "GET", "(/api)?/.+/files(/.*)?"),
            Route.refusing("security", "GET", "(/api)?/.+/security"));

    private CpuBoundRoutes() {}

    /** @param path the request path without the query */
    public static Optional<Route> find(String method, String path) {
        return ALL.stream()
                .filter(route -> route.method().equals(method)
                        && route.path().matcher(path).matches())
                .findFirst();
    }
}
