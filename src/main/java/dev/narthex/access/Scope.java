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
 * The maximum rights of a token; the current rights of its owner limit it further. Any action on a cache includes reading it.
 *
 * <p>{@code ecosystems} and {@code packages} restrict actions on packages. A token restricted in this way cannot maintain,
 * configure or destroy a cache as a whole. It can still push store paths, but only packages that it may publish are released.
 *
 * @param admin grants everything, in every cache and on the instance; the other fields are then ignored
 * @param caches names of caches; an empty list matches none, here and in the next two
 * @param ecosystems ids of ecosystems
 * @param packages normalized names, as in the URLs of packages
 * @param actions never contains {@link Action#PULL}, which {@link Action#READ} covers
 */
public record Scope(
        boolean admin,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> caches,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> ecosystems,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<NamePattern> packages,
        @JsonSetter(nulls = Nulls.AS_EMPTY) Set<Action> actions) {
    /** The scope of an instance admin's token. */
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

    /** Returns a scope for these actions on all packages of these caches. */
    public static Scope of(List<NamePattern> caches, Set<Action> actions) {
        return new Scope(false, caches, List.of(NamePattern.ALL), List.of(NamePattern.ALL), actions);
    }

    /** @param json as {@link #json} of this or an earlier version wrote it */
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

    /** @param packageName empty if the action does not concern a single package, or its name is not known yet */
    boolean covers(Action action, String cache, Optional<PackageName> packageName) {
        return admin
                || (allows(action)
                        && matchesAny(caches, cache)
                        && packageName.map(this::includes).orElse(isWholeCache(action)));
    }

    private boolean allows(Action action) {
        return action.isRead() ? !actions.isEmpty() : actions.contains(action);
    }

    private boolean includes(PackageName name) {
        return matchesAny(ecosystems, name.ecosystem()) && matchesAny(packages, name.normalized());
    }

    private boolean isWholeCache(Action action) {
        return !action.isCacheWide() || (ecosystems.contains(NamePattern.ALL) && packages.contains(NamePattern.ALL));
    }

    private static boolean matchesAny(List<NamePattern> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    /** Identifies a package within a cache. */
    record PackageName(String ecosystem, String normalized) {}
}
