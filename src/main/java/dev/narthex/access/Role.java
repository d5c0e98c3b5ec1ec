package dev.narthex.access;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a member is in a cache. Each role may all that those before it may. */
public enum Role {
    /** Sees the cache, browses and installs from it. */
    READER,
    /** Brings store paths and packages. */
    PUBLISHER,
    /** Decides what is served: promotes, withdraws, tags, deletes. */
    MAINTAINER,
    /** Decides about the cache itself: settings, members, keys, its end. */
    OWNER;

    /** @param word as {@link #toString} gives it */
    public static Optional<Role> named(String word) {
        return Stream.of(values()).filter(role -> role.toString().equals(word)).findFirst();
    }

    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** As in rows, JSON and sentences. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
