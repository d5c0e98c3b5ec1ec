package dev.narthex.access;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The role of a member in a cache. Each role includes the rights of those before it. */
public enum Role {
    /** Sees the cache, browses and installs from it. */
    READER,
    /** Pushes store paths and publishes packages. */
    PUBLISHER,
    /** Decides what is served: promotes, withdraws, tags and deletes releases. */
    MAINTAINER,
    /** Administers the cache: settings, members, keys, deletion. */
    OWNER;

    /** @param word as {@link #toString} gives it */
    public static Optional<Role> parse(String word) {
        return Stream.of(values()).filter(role -> role.toString().equals(word)).findFirst();
    }

    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** Returns the word for this role in rows, JSON and messages. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
