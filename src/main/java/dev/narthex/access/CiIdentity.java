package dev.narthex.access;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The identity of a CI run, from a verified ID token.
 *
 * @param subject claim {@code sub}, which identifies the run in the issuer's own format
 * @param number unique id of the ID token
 * @param until when the ID token expires
 * @param claims all claims of the ID token
 */
record CiIdentity(
        String issuer,
        String subject,
        String number,
        Instant until,
        List<String> audiences,
        Map<String, Object> claims) {
    CiIdentity {
        audiences = List.copyOf(audiences);
        claims = Map.copyOf(claims);
    }

    /** Returns a claim as text if it has a single value; lists and objects are ignored. */
    Optional<String> claim(String name) {
        return switch (claims.get(name)) {
            case String text -> Optional.of(text);
            case Number number -> Optional.of(number.toString());
            case Boolean truth -> Optional.of(truth.toString());
            case null, default -> Optional.empty();
        };
    }
}
