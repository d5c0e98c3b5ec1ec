package dev.narthex.admin;

import dev.narthex.access.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * People who have signed in, most recent first.
 *
 * @param total number of people that match the query
 * @param after value of {@code after} that requests the next page; absent on the last page
 */
public record PeopleListing(long total, List<ListedPerson> people, Optional<Integer> after) {
    public PeopleListing {
        people = List.copyOf(people);
    }

    /**
     * A person.
     *
     * @param issuer URL of the identity provider
     * @param seenAt day of the last sign-in or session renewal
     * @param caches the first caches in which the person has a role, own or through a group, with the highest role
     * @param moreCaches number of further caches
     * @param tokens number of valid tokens
     */
    public record ListedPerson(
            long id,
            String name,
            Optional<String> email,
            String issuer,
            boolean admin,
            Instant seenAt,
            List<CacheRole> caches,
            long moreCaches,
            long tokens) {
        public ListedPerson {
            caches = List.copyOf(caches);
        }

        /** Returns the name of this person in the audit log. */
        public String principal() {
            return new Principal.Person(id, name, admin, Set.of()).name();
        }
    }

    public record CacheRole(String cache, String role) {}
}
