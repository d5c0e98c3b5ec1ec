package dev.narthex.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Extracts the token from an Authorization header. */
final class Credential {
    private Credential() {}

    /**
     * Accepts Bearer (RFC 6750), Basic (RFC 7617) with the token as password and any user name, as sent for netrc, and the bare
     * token, as sent by clients that know no schemes.
     *
     * @return empty if there is no such header; an empty text if the header cannot be parsed
     */
    static Optional<String> secret(Optional<String> authorization) {
        return authorization.map(Credential::secret);
    }

    private static String secret(String header) {
        int space = header.indexOf(' ');
        var scheme = header.substring(0, Math.max(space, 0)).toLowerCase(Locale.ROOT);
        var value = header.substring(space + 1).strip();
        return switch (scheme) {
            case "bearer" -> value;
            case "basic" -> password(value);
            case "" -> value;
            case String other -> "";
        };
    }

    private static String password(String basic) {
        try {
            var pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
