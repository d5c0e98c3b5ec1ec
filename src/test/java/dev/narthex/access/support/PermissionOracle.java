package dev.narthex.access.support;

import dev.narthex.access.Role;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A principal of the access matrix. States the permission rules a second time, independently of the code under test: who is the
 * principal, which role do they have, and what does the scope of their token allow.
 *
 * @param token empty if there is none
 * @param kind of the credential
 * @param member roles by cache; none in other caches
 * @param acts actions in the scope of the token
 * @param caches in the scope of the token; empty for all
 * @param about ecosystem and package in the scope; empty for all
 */
public record PermissionOracle(
        String name,
        String token,
        Kind kind,
        Map<String, Role> member,
        Set<String> acts,
        Set<String> caches,
        Optional<Narrow> about) {
    private static final Map<String, Integer> NEEDED =
            Map.of("read", 0, "pull", 0, "push", 1, "publish", 1, "maintain", 2, "configure", 3, "destroy", 3);
    private static final Set<String> OF_WHOLE_CACHES = Set.of("maintain", "configure", "destroy");

    public enum Kind {
        NOBODY,
        BAD,
        PERSONS,
        INSTANCES,
        ADMINS
    }

    /** Both are patterns as people write them: a name, or {@code *} for all. */
    public record Narrow(String ecosystem, String name) {
        boolean has(String ecosystem, String name) {
            return Set.of("*", ecosystem).contains(this.ecosystem)
                    && Set.of("*", name).contains(this.name);
        }
    }

    public boolean valid() {
        return kind != Kind.NOBODY && kind != Kind.BAD;
    }

    /** @param action as in the route list, possibly for one package */
    public boolean may(String action, String cache, boolean open) {
        var parts = action.split("[@:]", 3);
        boolean reads = parts[0].equals("read") || parts[0].equals("pull");
        if (open && reads) {
            return kind != Kind.BAD || parts[0].equals("pull");
        }
        return switch (kind) {
            case NOBODY, BAD -> false;
            case ADMINS -> true;
            case INSTANCES -> paperSays(parts, cache);
            case PERSONS ->
                paperSays(parts, cache)
                        && Optional.ofNullable(member.get(cache))
                                .filter(role -> role.ordinal() >= NEEDED.get(parts[0]))
                                .isPresent();
        };
    }

    /** The creator becomes the owner of the new cache, so only the scope matters. */
    public boolean mayCreate(String cache) {
        return kind == Kind.ADMINS || (valid() && paperSays(new String[] {"create"}, cache));
    }

    private boolean paperSays(String[] action, String cache) {
        boolean act = Set.of("read", "pull").contains(action[0]) ? !acts.isEmpty() : acts.contains(action[0]);
        boolean there = caches.isEmpty() || caches.contains(cache);
        boolean thing = action.length == 3
                ? about.map(narrow -> narrow.has(action[1], action[2])).orElse(true)
                : about.isEmpty() || !OF_WHOLE_CACHES.contains(action[0]);
        return act && there && thing;
    }
}
