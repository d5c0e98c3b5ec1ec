package dev.narthex.access;

import dev.narthex.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Request body: a token to create. Actions and caches are required; ecosystems and packages default to all.
 *
 * @param label description, by which people recognize the token when they want to revoke it
 * @param person id of the owner; by default the creator, or the instance if an instance token creates it
 * @param admin grants everything; actions and caches are then not required
 * @param caches names or patterns, as the next two
 * @param days lifetime in days
 * @param neverExpires alternative to days, for admins only
 */
public record TokenRequest(
        Optional<String> label,
        Optional<Long> person,
        Optional<Boolean> admin,
        Optional<List<String>> caches,
        Optional<List<String>> ecosystems,
        Optional<List<String>> packages,
        Optional<List<String>> actions,
        Optional<Integer> days,
        Optional<Boolean> neverExpires) {
    private static final int MAX_LABEL_LENGTH = 100;
    private static final int MAX_PATTERNS = 100;
    private static final int USUAL_DAYS = 90;
    private static final int MAX_DAYS = 365;
    private static final int MAX_DAYS_BY_ADMIN = 3650;

    /** Builds a request from the fields of a form, for a token owned by the signed-in person. */
    public static TokenRequest of(String label, String cache, List<String> packages, List<String> actions, int days) {
        return new TokenRequest(
                Optional.of(label),
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of(cache)),
                Optional.empty(),
                Optional.of(packages).filter(names -> !names.isEmpty()),
                Optional.of(actions),
                Optional.of(days),
                Optional.empty());
    }

    /**
     * Validates the request.
     *
     * @param creator a signed-in person, or an admin's token
     * @throws dev.narthex.problem.ProblemException Malformed if a value is not allowed for anyone, Forbidden if only admins may use
     *     it
     */
    Tokens.NewToken validate(Principal creator, Instant now) {
        var text = label.map(String::strip).orElse("");
        if (text.isEmpty() || text.length() > MAX_LABEL_LENGTH || text.chars().anyMatch(Character::isISOControl)) {
            throw Problem.malformed(
                    "label", text, "give 1 to " + MAX_LABEL_LENGTH + " characters that describe its purpose.");
        }
        return new Tokens.NewToken(text, scope(creator), owner(creator), expiry(creator, now));
    }

    private Scope scope(Principal creator) {
        if (admin.orElse(false)) {
            onlyAdmin(creator, "admin");
            return Scope.ADMIN;
        }
        var acts =
                requireNonEmpty("actions", actions).stream().map(Action::parse).collect(Collectors.toSet());
        return new Scope(
                false,
                patterns("caches", requireNonEmpty("caches", caches)),
                patterns("ecosystems", ecosystems.orElse(List.of("*"))),
                patterns("packages", packages.orElse(List.of("*"))),
                Set.copyOf(acts));
    }

    private static List<String> requireNonEmpty(String field, Optional<List<String>> values) {
        return values.filter(list -> !list.isEmpty()).orElseThrow(() -> Problem.malformed(field, "", "enter a list."));
    }

    private static List<NamePattern> patterns(String field, List<String> texts) {
        if (texts.size() > MAX_PATTERNS) {
            throw Problem.tooLarge(field, "A token may have " + MAX_PATTERNS + " patterns of " + field + ".");
        }
        return texts.stream().map(text -> NamePattern.parse(field, text)).toList();
    }

    private Optional<Long> owner(Principal creator) {
        var self = creator.person().map(Principal.Person::id);
        if (person.isPresent() && !person.equals(self)) {
            onlyAdmin(creator, "person");
        }
        return person.or(() -> self);
    }

    private Optional<Instant> expiry(Principal creator, Instant now) {
        if (neverExpires.orElse(false)) {
            onlyAdmin(creator, "neverExpires");
            return Optional.empty();
        }
        int max = creator.admin() ? MAX_DAYS_BY_ADMIN : MAX_DAYS;
        int wanted = days.orElse(USUAL_DAYS);
        if (wanted < 1 || wanted > max) {
            throw Problem.malformed("days", Integer.toString(wanted), "use a number from 1 to " + max + ".");
        }
        return Optional.of(now.plus(Duration.ofDays(wanted)));
    }

    private static void onlyAdmin(Principal creator, String field) {
        if (!creator.admin()) {
            throw Problem.forbidden("Only an administrator of this server can grant “" + field + "” this value.");
        }
    }
}
