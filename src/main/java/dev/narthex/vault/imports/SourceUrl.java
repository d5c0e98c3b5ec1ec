package dev.narthex.vault.imports;

import dev.narthex.problem.Problem;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * The URL of a binary cache, such as {@code https://cache.example.org/team}.
 *
 * @param base ends with a slash, so that URLs in narinfos resolve relative to it
 */
public record SourceUrl(URI base) {
    private static final int MAX_LENGTH = 1000;

    public static SourceUrl parse(String text) {
        var uri = uri(text.strip());
        if (!isWeb(uri) || text.length() > MAX_LENGTH) {
            throw malformed(text, "expected http:// or https://, a host and maybe a path.");
        }
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw malformed(uri.getHost(), "it must not contain a user, a password, ? or #.");
        }
        var plain = uri.toString().replaceFirst("/*$", "");
        return new SourceUrl(URI.create(plain + "/"));
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw malformed(text, "it is no URL.");
        }
    }

    private static RuntimeException malformed(String given, String hint) {
        return Problem.malformed("source", given, hint);
    }

    /** @param target relative to the cache, or absolute */
    URI resolve(String target) {
        try {
            var resolved = base.resolve(new URI(target));
            if (isWeb(resolved)) {
                return resolved;
            }
        } catch (URISyntaxException e) {
            // Reported below.
        }
        throw Problem.malformed("URL", target, "it is no web address.");
    }

    static boolean isWeb(URI uri) {
        return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
    }

    @Override
    public String toString() {
        return base.toString().replaceFirst("/$", "");
    }
}
