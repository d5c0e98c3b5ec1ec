package dev.narthex.access;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.jwt.JsonWebToken;

/**
 * The claims of a person from a verified ID token of the identity provider.
 *
 * @param subject permanent id of the person at this issuer; all other claims may change
 * @param name display name
 * @param email present only if the provider verified it
 * @param groups groups and roles
 */
record Claims(String issuer, String subject, String name, Optional<String> email, Set<String> groups) {
    private static final List<String> NAMES = List.of("preferred_username", "email", "name");

    static Claims of(JsonWebToken token, Set<String> groups) {
        var name = NAMES.stream().flatMap(claim -> text(token, claim).stream()).findFirst();
        return new Claims(
                token.getIssuer(),
                token.getSubject(),
                name.orElse(token.getSubject()),
                text(token, "email")
                        .filter(email -> text(token, "email_verified")
                                .filter("true"::equals)
                                .isPresent()),
                Set.copyOf(groups));
    }

    private static Optional<String> text(JsonWebToken token, String claim) {
        return Optional.<Object>ofNullable(token.getClaim(claim)).map(Object::toString);
    }

    boolean admin(SignInConfig config) {
        return config.adminGroup().filter(groups::contains).isPresent()
                || Stream.concat(Stream.of(subject), email.stream())
                        .anyMatch(config.admins().orElse(List.of())::contains);
    }
}
