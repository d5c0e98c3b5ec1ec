package dev.narthex.access;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A source repository, as provenance statements identify it.
 *
 * @param forge host of the forge, with the port if there is one; lower case
 * @param path such as {@code boat/oar}; nested groups add segments
 */
record SourceRepository(String forge, String path) {
    /** Forges by the host of their ID token issuer, if the two hosts differ. */
    private static final Map<String, String> FORGES = Map.of("token.actions.githubusercontent.com", "github.com");

    /**
     * Parses the address of a repository, or of a workflow in it, with an optional {@code git+} prefix and ref suffix, as SLSA
     * provenance and builder certificates contain it.
     *
     * @return empty if this is not such an address
     */
    static Optional<SourceRepository> parse(String address) {
        try {
            var uri = new URI(address.replaceFirst("^git\\+", ""));
            if (uri.getRawAuthority() == null || uri.getRawPath() == null) {
                return Optional.empty();
            }
            var path = path(uri.getRawPath());
            return path.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new SourceRepository(uri.getRawAuthority().toLowerCase(Locale.ROOT), path));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** Cuts the path at the first segment that is empty or starts with a dot: there the path inside the repository begins. */
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

    /** Returns whether this issuer issues ID tokens for CI runs of the forge. */
    boolean isIssuedBy(String issuer) {
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
