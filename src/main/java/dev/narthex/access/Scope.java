package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.spi.UntrustedJson;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a token may at most. Whether its owner may so now is judged beside it. Whoever may do anything in a cache may read it.
 *
 * <p>Ecosystems and packages narrow what concerns a package. A token that they narrow cannot maintain, configure or destroy a
 * cache as a whole, but can push store paths: of those, only packages that it may publish are released.
 *
 * @param admin everything, in every cache, and the instance itself; the rest then says nothing
 * @param caches names of caches; none match if it is empty, as with the following
 * @param ecosystems ids
 * @param packages normalised names, as in the addresses of packages
 * @param actions never {@link Action#PULL}, which {@link Action#READ} covers
 */
public record Scope(
        boolean admin,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> caches,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> ecosystems,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> packages,
        @JsonSetter(nulls = Nulls.AS_EMPTY) Set<Action> actions) {
    /** Of an instance's own admin. */
    public static final Scope ADMIN = new Scope(true, List.of(), List.of(), List.of(), Set.of());

    private static final ObjectMapper JSON = UntrustedJson.mapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    public Scope {
        caches = List.copyOf(caches);
        ecosystems = List.copyOf(ecosystems);
        packages = List.copyOf(packages);
        actions = Set.copyOf(actions);
    }

    /** These acts, on whatever these caches hold. */
    public static Scope of(List<NamePattern> caches, Set<Action> actions) {
        return new Scope(false, caches, List.of(NamePattern.ALL), List.of(NamePattern.ALL), actions);
    }

    /** @param json as {@link #json} wrote it, maybe an earlier version of it */
    static Scope parse(String json) {
        try {
            return JSON.readValue(json, Scope.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @param about empty if the act is not about one package, or its name is not known yet */
    boolean covers(Action action, String cache, Optional<PackageName> about) {
        return admin
                || (allows(action)
                        && any(caches, cache)
                        && about.map(this::includes).orElse(wide(action)));
    }

    private boolean allows(Action action) {
        return action.reads() ? !actions.isEmpty() : actions.contains(action);
    }

    private boolean includes(PackageName name) {
        return any(ecosystems, name.ecosystem()) && any(packages, name.normalised());
    }

    private boolean wide(Action action) {
        return !action.ofWholeCache() || (ecosystems.contains(NamePattern.ALL) && packages.contains(NamePattern.ALL));
    }

    private static boolean any(List<NamePattern> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    /** A package within a cache. */
    record PackageName(String ecosystem, String normalised) {}
}
