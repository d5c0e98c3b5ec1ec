package dev.narthex.access;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A CI run, as its provider vouches for it.
 *
 * @param subject claim {@code sub}, which says where the run is in words of the issuer
 * @param number of the ID token, which no other one has
 * @param until when the ID token expires
 * @param claims all that it says
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

    /** A claim that is one value. */
    Optional<String> claim(String name) {
        return switch (claims.get(name)) {
            case String text -> Optional.of(text);
            case Number number -> Optional.of(number.toString());
            case Boolean truth -> Optional.of(truth.toString());
            case null, default -> Optional.empty();
        };
    }
}
