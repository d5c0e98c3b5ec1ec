package dev.narthex.web.view;

import java.net.URI;
import java.util.List;

/**
 * Values for client setup instructions ({@code templates/setup}).
 *
 * @param baseUrl public URL of this instance, without a trailing slash
 * @param publicKeys in the format of nix.conf
 */
public record ClientSetup(String baseUrl, String cache, List<String> publicKeys) {
    /** Returns host and port, as clients use them in their settings. */
    public String host() {
        return URI.create(baseUrl).getAuthority();
    }

    /** Returns the host without the port, because netrc has no ports. */
    public String machine() {
        return URI.create(baseUrl).getHost();
    }

    /** Returns whether the instance uses plain HTTP; some clients need an option to allow that. */
    public boolean plainHttp() {
        return baseUrl.startsWith("http:");
    }

    /** Returns the URL from which nix substitutes and to which it pushes. */
    public String substituter() {
        return baseUrl + "/" + cache;
    }

    /** Returns the base URL of the cache's registries, with a trailing slash. */
    public String registry() {
        return baseUrl + "/registry/" + cache + "/";
    }

    public String key() {
        return String.join(" ", publicKeys);
    }
}
