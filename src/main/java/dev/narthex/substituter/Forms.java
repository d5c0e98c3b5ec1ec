package dev.narthex.substituter;

import dev.narthex.spi.Cache;
import java.util.Map;

/** Path patterns and media types of the protocol. */
final class Forms {
    static final String HASH = "[0-9a-df-np-sv-z]{32}";
    /** What a client may call a NAR that it uploads. */
    static final String FILE = "[0-9A-Za-z][0-9A-Za-z._+=-]{0,200}";

    static final String NARINFO_TYPE = "text/x-nix-narinfo";
    static final String CACHE_INFO_TYPE = "text/x-nix-cache-info";
    static final String NAR_TYPE = "application/x-nix-nar";
    static final String LOG_TYPE = "text/plain; charset=utf-8";

    private Forms() {}

    /** Shared caches must not keep what a private cache answered. */
    static Map<String, String> caching(Cache cache, String how) {
        return Map.of("Cache-Control", (cache.open() ? "public, " : "private, ") + how);
    }
}
