package dev.narthex.substituter;

import dev.narthex.spi.Cache;
import java.util.Map;

/** Path patterns and media types of the protocol. */
public final class ProtocolPatterns {
    public static final String HASH = "[0-9a-df-np-sv-z]{32}";
    /** Allowed file names of uploaded NARs. */
    static final String NAR_FILE_NAME = "[0-9A-Za-z][0-9A-Za-z._+=-]{0,200}";

    static final String NARINFO_TYPE = "text/x-nix-narinfo";
    static final String CACHE_INFO_TYPE = "text/x-nix-cache-info";
    static final String NAR_TYPE = "application/x-nix-nar";
    static final String LOG_TYPE = "text/plain; charset=utf-8";

    private ProtocolPatterns() {}

    /** Returns the Cache-Control header; shared proxies must not store responses of a private cache. */
    static Map<String, String> cacheControl(Cache cache, String directives) {
        return Map.of("Cache-Control", (cache.open() ? "public, " : "private, ") + directives);
    }
}
