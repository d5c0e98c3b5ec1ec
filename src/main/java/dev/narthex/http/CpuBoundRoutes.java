package dev.narthex.http;

import dev.narthex.limits.CpuPermits;
import dev.narthex.limits.CpuPermits.BusyPolicy;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Lists every route that may process a caller's input for more than a few milliseconds, and its behavior when the server is
 * busy. Other routes read bodies of at most some hundred KiB. Their bodies are read under {@link CpuPermits} too, so that a
 * route missing from this list, such as one of a plugin, cannot stop the server.
 */
public final class CpuBoundRoutes {
    private static final String CACHE_SEGMENT = "/[^/]+";

    /**
     * A route.
     *
     * @param path matches the whole path; the time for matching depends only on its length
     */
    public record Route(String name, String method, Pattern path, BusyPolicy whenBusy) {
        private static Route refuseWhenBusy(String name, String method, String path) {
            return new Route(name, method, Pattern.compile(path), BusyPolicy.REFUSE);
        }

        /** For requests by nix, which gives up when it is refused. */
        private static Route waitWhenBusy(String name, String method, String path) {
            return new Route(name, method, Pattern.compile(path), BusyPolicy.WAIT);
        }
    }

    public static final List<Route> ALL = List.of(
            Route.waitWhenBusy("NAR", "PUT", CACHE_SEGMENT + "/nar/[^/]+"),
            Route.waitWhenBusy("narinfo", "PUT", CACHE_SEGMENT + "/[^/]+\\.narinfo"),
            Route.waitWhenBusy("listing", "PUT", CACHE_SEGMENT + "/[^/]+\\.ls"),
            Route.waitWhenBusy("build log", "PUT", CACHE_SEGMENT + "/log/[^/]+"),
            Route.waitWhenBusy(
                    "realisation", "PUT", CACHE_SEGMENT + "/(realisations/[^/]+|build-trace-v2/[^/]+/[^/]+)\\.doi"),
            Route.refuseWhenBusy("derivation metadata", "PUT", "/_api/v1" + CACHE_SEGMENT + "/derivation-meta"),
            Route.refuseWhenBusy("attic upload", "PUT", "/_api/v1/upload-path"),
            Route.refuseWhenBusy("attic query", "POST", "/_api/v1/get-missing-paths"),
            Route.refuseWhenBusy("lock", "POST", "/_api/v1" + CACHE_SEGMENT + "/locks/[^/]+"),
            Route.refuseWhenBusy("import", "POST", "/_api/v1" + CACHE_SEGMENT + "/import"),
            Route.refuseWhenBusy("npm audit", "POST", "/registry" + CACHE_SEGMENT + "/npm/-/npm/v1/security/.+"),
            Route.refuseWhenBusy("npm publish", "PUT", "/registry" + CACHE_SEGMENT + "/npm/.+"),
            Route.refuseWhenBusy("PyPI upload", "POST", "/registry" + CACHE_SEGMENT + "/pypi(/.*)?"),
            Route.refuseWhenBusy("NAR in xz", "GET", CACHE_SEGMENT + "/nar/[^/]+\\.xz"),
            Route.refuseWhenBusy("recompressed NAR", "GET", CACHE_SEGMENT + "/nar/[^/]+\\.(bz2|lz4|br)"),
            Route.refuseWhenBusy("comparison", "GET", "(/api)?/(.+/)?diff(/.*)?"),
            Route.refuseWhenBusy("files", "GET", "(/api)?/.+/files(/.*)?"),
            Route.refuseWhenBusy("security", "GET", "(/api)?/.+/security"));

    private CpuBoundRoutes() {}

    /** @param path the request path without the query */
    public static Optional<Route> find(String method, String path) {
        return ALL.stream()
                .filter(route -> route.method().equals(method)
                        && route.path().matcher(path).matches())
                .findFirst();
    }
}
