package dev.narthex.web.admin;

import dev.narthex.access.AuditQuery.Filter;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.PageRequest;
import dev.narthex.web.view.Urls;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The filters and the position in the URL of an audit log page.
 *
 * @param filters active filters by parameter name
 */
public record AuditAddress(String page, Map<String, String> filters, Optional<Long> before, Optional<Long> after) {
    static final String CACHE = "cache";
    static final String WHO = "who";
    static final String ACT = "act";
    static final String RESULT = "result";
    static final String DAYS = "days";

    /** Filter value for entries that concern no cache. It cannot be a cache name because it is a slash. */
    static final String NO_CACHE = "/";

    private static final List<String> OF_A_CACHE = List.of(DAYS, RESULT, ACT, WHO);
    private static final List<String> OF_ALL = List.of(DAYS, RESULT, CACHE, ACT, WHO);

    /**
     * Parses the URL of a cache's audit log.
     *
     * @throws dev.narthex.problem.ProblemException Malformed, naming the parameter
     */
    public static AuditAddress ofCache(Cache cache, PageRequest request) {
        return of(Urls.cache(cache.name()) + "/settings/audit", OF_A_CACHE, request);
    }

    /** Parses the URL of the whole instance's audit log. */
    static AuditAddress ofAll(PageRequest request) {
        return of(AdminAuditEndpoint.PAGE, OF_ALL, request);
    }

    /**
     * @param kinds names of the filters that the page supports
     * @throws dev.narthex.problem.ProblemException Malformed, naming the parameter
     */
    private static AuditAddress of(String page, List<String> kinds, PageRequest request) {
        var filters = new LinkedHashMap<String, String>();
        for (var name : kinds) {
            var given = request.text(name);
            if (!given.isEmpty()) {
                filters.put(name, given);
            }
            require(filters, name, "\\P{C}+", "use text without control characters.");
        }
        require(filters, RESULT, "done|refused", "use done or refused.");
        require(filters, DAYS, "[1-9]\\d{0,3}", "use a number of days.");
        return new AuditAddress(page, filters, number(request, "before"), number(request, "after"));
    }

    private static void require(Map<String, String> filters, String name, String pattern, String hint) {
        Optional.ofNullable(filters.get(name))
                .filter(given -> !given.matches(pattern))
                .ifPresent(given -> {
                    throw Problem.malformed(name, given, hint);
                });
    }

    private static Optional<Long> number(PageRequest request, String name) {
        var given = request.text(name);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (!given.matches("\\d{1,18}")) {
            throw Problem.malformed(name, given, "use the number from another page.");
        }
        return Optional.of(Long.valueOf(given));
    }

    public Filter filter(Optional<Long> cacheId, Instant now) {
        return new Filter(
                cacheId,
                Optional.ofNullable(filters.get(CACHE)).map(name -> name.equals(NO_CACHE) ? "" : name),
                Optional.ofNullable(filters.get(WHO)),
                Optional.ofNullable(filters.get(ACT)),
                Optional.ofNullable(filters.get(RESULT)).map("done"::equals),
                Optional.ofNullable(filters.get(DAYS)).map(days -> now.minus(Duration.ofDays(Long.parseLong(days)))),
                Optional.empty(),
                before,
                before.isPresent() ? Optional.empty() : after);
    }

    boolean has(String name, String value) {
        return value.equals(filters.get(name));
    }

    /** Returns the URL of the first page with this filter added, or replaced if one of its kind is active. */
    String with(String name, String value) {
        var all = new LinkedHashMap<>(filters);
        all.put(name, value);
        return url(all);
    }

    String without(String name) {
        var all = new LinkedHashMap<>(filters);
        all.remove(name);
        return url(all);
    }

    private String url(Map<String, String> all) {
        return all.isEmpty()
                ? page
                : page + "?"
                        + all.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + Urls.query(entry.getValue()))
                                .collect(Collectors.joining("&"));
    }
}
