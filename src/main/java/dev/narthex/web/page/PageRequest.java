package dev.narthex.web.page;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;

/**
 * The parts of a request that pages read.
 *
 * @param path raw path, still percent-encoded
 * @param query raw query without the question mark; may be empty
 */
public record PageRequest(HttpServerRequest http, String path, String query) {
    public static final String API = "/api";

    private static final Set<String> THEMES = Set.of("light", "dark");
    private static final int LAST_PAGE = 1000;
    private static final int MAX_TEXT = 300;

    public static PageRequest page(HttpServerRequest http) {
        return new PageRequest(
                http, http.path(), Optional.ofNullable(http.query()).orElse(""));
    }

    /** Returns the request for the page whose JSON twin is requested. */
    public static PageRequest twin(HttpServerRequest http) {
        return strippedOf(API, http);
    }

    /** Returns the request for the page whose URL follows the prefix. */
    public static PageRequest strippedOf(String prefix, HttpServerRequest http) {
        var path = http.path().substring(prefix.length());
        return new PageRequest(
                http,
                path.isEmpty() ? "/" : path,
                Optional.ofNullable(http.query()).orElse(""));
    }

    String pathAndQuery() {
        return query.isEmpty() ? path : path + "?" + query;
    }

    public String twinAddress() {
        return API + pathAndQuery();
    }

    /** Returns a query parameter, stripped and truncated to {@link #MAX_TEXT} characters; empty if it is missing. */
    public String text(String name) {
        var given = Optional.ofNullable(http.getParam(name)).orElse("").strip();
        return given.substring(0, Math.min(MAX_TEXT, given.length()));
    }

    public boolean has(String name) {
        return http.params().contains(name);
    }

    /** Returns the page number, from 1 to {@link #LAST_PAGE}; 1 if it is missing or invalid. */
    public int pageNumber() {
        var given = text("page");
        return given.matches("\\d{1,9}") ? Math.clamp(Integer.parseInt(given), 1, LAST_PAGE) : 1;
    }

    /** Returns "light", "dark" or an empty text. */
    public String theme() {
        return Optional.ofNullable(http.getCookie("prefs"))
                .map(Cookie::getValue)
                .filter(THEMES::contains)
                .orElse("");
    }

    public String header(String name) {
        return Optional.ofNullable(http.getHeader(name)).orElse("");
    }
}
