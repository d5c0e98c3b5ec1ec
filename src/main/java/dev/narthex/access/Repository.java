package dev.narthex.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A repository of a forge, as statements about builds name it.
 *
 * @param forge host of the forge, with a port if it has one; in lower case
 * @param path such as {@code boat/oar}, with as many segments as the forge has groups
 */
record Repository(String forge, String path) {
    /** Whose ID tokens come from another host than its repositories; all others vouch for their own. */
    private static final Map<String, String> FORGES = Map.of("token.actions.githubusercontent.com", "github.com");

    /**
     * @param address of a repository, or of a workflow in one, maybe with {@code git+} before it and a ref behind it: what
     *     SLSA's provenance and certificates of builders say
     * @return empty if it is no such address
     */
    static Optional<Repository> parse(String address) {
        try {
            var uri = new URI(address.replaceFirst("^git\\+", ""));
            if (uri.getRawAuthority() == null || uri.getRawPath() == null) {
                return Optional.empty();
            }
            var path = path(uri.getRawPath());
            return path.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Repository(uri.getRawAuthority().toLowerCase(Locale.ROOT), path));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** A place inside of a repository begins with an empty segment or with one that begins with a dot. */
    private static String path(String whole) {
        var segments = new ArrayList<String>();
        for (var segment : whole.replaceFirst("@.*", "").replaceFirst("^/", "").split("/")) {
            if (segment.isEmpty() || segment.startsWith(".")) {
                break;
            }
            segments.add(segment);
        }
        return String.join("/", segments).replaceFirst("\\.git$", "");
    }

    /** Whether this issuer vouches for runs of its forge. */
    boolean isOf(String issuer) {
        return parseAuthority(issuer)
                .map(host -> FORGES.getOrDefault(host, host))
                .filter(forge::equals)
                .isPresent();
    }

    private static Optional<String> parseAuthority(String address) {
        try {
            return Optional.ofNullable(new URI(address).getRawAuthority()).map(host -> host.toLowerCase(Locale.ROOT));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
