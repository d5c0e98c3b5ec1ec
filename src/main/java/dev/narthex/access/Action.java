package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.narthex.problem.Problem;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The actions that require a right: on a cache, or on a package in it. */
public enum Action {
    /** Read through pages and registries. */
    READ(Role.READER),
    /** Read through nix. Nix never reports an invalid credential to its user, so with one it can still read public caches. */
    PULL(Role.READER),
    /** Upload store paths, build logs and metadata. */
    PUSH(Role.PUBLISHER),
    /** Publish a release, through a registry or by pushing a path in which a release is recognized. */
    PUBLISH(Role.PUBLISHER),
    /** Promote, withdraw, tag and delete releases. */
    MAINTAIN(Role.MAINTAINER),
    /** Change settings, members and keys. */
    CONFIGURE(Role.OWNER),
    /** Delete the cache. */
    DESTROY(Role.OWNER),
    /** Create a cache; its creator becomes the owner. */
    CREATE(Role.OWNER);

    private static final String WORDS =
            Stream.of(values()).map(Action::toString).distinct().collect(Collectors.joining(", "));

    private final Role role;

    Action(Role role) {
        this.role = role;
    }

    /** Returns the lowest role that allows a member to do this. */
    public Role role() {
        return role;
    }

    /** Returns whether this action needs no credential on a public cache. */
    public boolean isRead() {
        return this == READ || this == PULL;
    }

    /** Returns whether this action concerns the whole cache unless a package is named with it. */
    boolean isCacheWide() {
        return this == MAINTAIN || this == CONFIGURE || this == DESTROY;
    }

    /** @param word action as {@link #toString} returns it */
    @JsonCreator
    public static Action parse(String word) {
        return Stream.of(values())
                .filter(action -> action.toString().equals(word))
                .findFirst()
                .orElseThrow(() -> Problem.malformed("actions", word, "the actions are " + WORDS + "."));
    }

    /** Returns the word for this action in token scopes, the audit log and messages. Both kinds of reading share one word. */
    @JsonValue
    @Override
    public String toString() {
        return isRead() ? "read" : name().toLowerCase(Locale.ROOT);
    }
}
