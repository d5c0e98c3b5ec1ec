package dev.narthex.catalog.cache;

import dev.narthex.problem.Problem;
import java.util.Set;
import java.util.regex.Pattern;

/** Validates names of caches. The name is the first segment of the cache's URLs, so segments with another use are reserved. */
final class CacheNames {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?");

    private static final Set<String> RESERVED = Set.of(
            "search",
            "suggest",
            "caches",
            "diff",
            "login",
            "logout",
            "logged-out",
            "oidc",
            "me",
            "admin",
            "docs",
            "api",
            "feed",
            "registry",
            "status",
            "prefs",
            "assets",
            "v2",
            "q",
            "audit",
            "token",
            "tokens",
            "project",
            "packages",
            "channels",
            "sha1",
            "sha256",
            "sha512",
            "md5",
            "cache-config",
            "get-missing-paths",
            "upload-path");

    private CacheNames() {}

    static String require(String name) {
        if (!NAME.matcher(name).matches()) {
            throw Problem.malformed(
                    "cache name",
                    name,
                    "a cache name has 1 to 50 lower-case letters, digits and dashes, no dash at either end.");
        }
        if (RESERVED.contains(name)) {
            throw Problem.malformed("cache name", name, "this name is in use by the portal itself; choose another.");
        }
        return name;
    }
}
