package dev.narthex.web;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;

/**
 * What pages read of a request.
 *
 * @param path raw, with its percent signs
 * @param query raw, without the question mark; may be empty
 */
record Asked(HttpServerRequest http, String path, String query) {
    static final String API = "/api";

    private static final Set<String> THEMES = Set.of("light", "dark");
    private static final int LAST_PAGE = 1000;
    private static final int TEXT_LIMIT = 300;

    static Asked page(HttpServerRequest http) {
        return new Asked(http, http.path(), Optional.ofNullable(http.query()).orElse(""));
    }

    /** The page whose twin is asked for. */
    static Asked twin(HttpServerRequest http) {
        return below(API, http);
    }

    /** The page that is asked for in another form, which stands under its address behind this one. */
    static Asked below(String prefix, HttpServerRequest http) {
        var path = http.path().substring(prefix.length());
        return new Asked(
                http,
                path.isEmpty() ? "/" : path,
                Optional.ofNullable(http.query()).orElse(""));
    }

    String pathAndQuery() {
        return query.isEmpty() ? path : path + "?" + query;
    }

    String twinAddress() {
        return API + pathAndQuery();
    }

    /** A parameter of the query; empty if it is not given. */
    String text(String name) {
        var given = Optional.ofNullable(http.getParam(name)).orElse("").strip();
        return given.substring(0, Math.min(TEXT_LIMIT, given.length()));
    }

    boolean has(String name) {
        return http.params().contains(name);
    }

    /** From 1; nonsense is 1. */
    int number() {
        var given = text("page");
        return given.matches("\\d{1,9}") ? Math.clamp(Integer.parseInt(given), 1, LAST_PAGE) : 1;
    }

    /** "light", "dark", or empty. */
    String theme() {
        return Optional.ofNullable(http.getCookie("prefs"))
                .map(Cookie::getValue)
                .filter(THEMES::contains)
                .orElse("");
    }

    String header(String name) {
        return Optional.ofNullable(http.getHeader(name)).orElse("");
    }
}
