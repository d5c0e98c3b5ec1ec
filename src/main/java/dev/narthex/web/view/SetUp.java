package dev.narthex.web.view;

import java.net.URI;
import java.util.List;

/**
 * What the lines that set up a client are made of ({@code templates/setup}).
 *
 * @param baseUrl public address of this instance, without a trailing slash
 * @param publicKeys as nix.conf takes them
 */
public record SetUp(String baseUrl, String cache, List<String> publicKeys) {
    /** Host and port, as clients name it in their settings. */
    public String host() {
        return URI.create(baseUrl).getAuthority();
    }

    /** The host alone: netrc knows no ports. */
    public String machine() {
        return URI.create(baseUrl).getHost();
    }

    /** Whether what is sent can be read on its way; some clients want to be told that this is meant. */
    public boolean plainHttp() {
        return baseUrl.startsWith("http:");
    }

    /** Where nix reads and pushes. */
    public String substituter() {
        return baseUrl + "/" + cache;
    }

    /** Where the other clients' registries begin, with a slash at the end. */
    public String registry() {
        return baseUrl + "/registry/" + cache + "/";
    }

    public String key() {
        return String.join(" ", publicKeys);
    }
}
