package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.narthex.problem.Problem;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a request wants of a cache. */
public enum Action {
    /** Pages and registries. */
    READ(Role.READER),
    /** The same, by nix, which is told "not valid" nowhere: with a bad credential it reads what everyone may read. */
    PULL(Role.READER),
    /** Store paths, logs, metadata. */
    PUSH(Role.PUBLISHER),
    /** A version of a package, through the registry of its ecosystem or by a push in which it is recognised. */
    PUBLISH(Role.PUBLISHER),
    /** Promote, withdraw, tag, delete. */
    MAINTAIN(Role.MAINTAINER),
    /** Settings, members, keys. */
    CONFIGURE(Role.OWNER),
    /** Delete the cache. */
    DESTROY(Role.OWNER),
    /** Make a cache, of which one is the owner then. */
    CREATE(Role.OWNER);

    private static final String WORDS =
            Stream.of(values()).map(Action::toString).distinct().collect(Collectors.joining(", "));

    private final Role role;

    Action(Role role) {
        this.role = role;
    }

    /** The least that a member must be to do this. */
    public Role role() {
        return role;
    }

    /** Whether what everyone may read allows it. */
    public boolean reads() {
        return this == READ || this == PULL;
    }

    /** Whether it is about a cache as a whole, unless a package is named with it. */
    boolean ofWholeCache() {
        return this == MAINTAIN || this == CONFIGURE || this == DESTROY;
    }

    /** @param word as {@link #toString} gives it */
    @JsonCreator
    public static Action named(String word) {
        return Stream.of(values())
                .filter(action -> action.toString().equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new Problem.Malformed("actions", word, "the actions are " + WORDS + ".").asException());
    }

    /** As in a token's scope, in the audit and in sentences. Both ways to read are one word. */
    @JsonValue
    @Override
    public String toString() {
        return reads() ? "read" : name().toLowerCase(Locale.ROOT);
    }
}
