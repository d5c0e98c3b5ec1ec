package dev.narthex.ops;

import dev.narthex.access.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * People who have signed in, whoever was here last first.
 *
 * @param total of all that were asked for
 * @param after what to ask for the next ones with; absent on the last page
 */
public record PeopleLines(long total, List<Line> people, Optional<Integer> after) {
    public PeopleLines {
        people = List.copyOf(people);
    }

    /**
     * @param issuer address of the identity provider
     * @param seenAt of the last sign-in, or renewal of one, to the day
     * @param caches the first few in which there is a role, by the person or a group, with the highest one
     * @param moreCaches how many there are besides
     * @param tokens that count still
     */
    public record Line(
            long id,
            String name,
            Optional<String> email,
            String issuer,
            boolean admin,
            Instant seenAt,
            List<InCache> caches,
            long moreCaches,
            long tokens) {
        public Line {
            caches = List.copyOf(caches);
        }

        /** As the audit names who did something. */
        public String principal() {
            return new Principal.Person(id, name, admin, Set.of()).name();
        }
    }

    public record InCache(String cache, String role) {}
}
