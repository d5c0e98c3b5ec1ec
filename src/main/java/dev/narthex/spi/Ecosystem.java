package dev.narthex.spi;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A package registry's view of store paths: the interface that every plugin implements. Implementations are stateless,
 * thread-safe and found by CDI; no other code names them. {@code EcosystemContract} in the tests is the contract. Methods with a
 * default are optional.
 */
public interface Ecosystem {
    /** URL segment and database value, such as {@code npm}: lower-case letters and digits. */
    String id();

    /** Finds the ecosystem with this id. */
    static Optional<Ecosystem> byId(Collection<Ecosystem> installed, String id) {
        return installed.stream().filter(ecosystem -> ecosystem.id().equals(id)).findFirst();
    }

    /** Display name, such as {@code PyPI}. */
    String title();

    /** Color of the icon beside its name on pages. The name is always shown too, so colors need not be unique. */
    default Color color() {
        return Color.PLAIN;
    }

    /**
     * Normalizes a name: two spellings of one name have the same result. Idempotent. The default treats every spelling as a
     * separate name.
     */
    default String normalize(String name) {
        return name;
    }

    /** Returns a key whose unsigned byte order is the version order, so that the database can sort versions. */
    byte[] versionKey(String version);

    /** Whether clients treat versions with equal keys as the same version. If so, they are one release. */
    default boolean equalKeysAreOneVersion() {
        return false;
    }

    /** Whether clients choose this version only if it is requested explicitly. */
    default boolean prerelease(String version) {
        return false;
    }

    /**
     * Recognizes the packages in a path: zero, one or several. Pure: the same path always gives the same result. Input is
     * hostile: unreadable content means no package; only failing reads throw.
     */
    Stream<FoundRelease> recognize(Candidate path) throws IOException;

    /**
     * Returns a few likely prefixes of store path names of this package, so that readers find it before its path is recognized.
     * Paths with other names are recognized too.
     *
     * @param name in any spelling
     */
    default List<String> pathNames(String name) {
        return List.of(name + "-");
    }

    /** Returns commands that fetch exactly this release when pasted; empty if there are none. */
    default List<InstallSnippet> install(ReleaseInfo release) {
        return List.of();
    }

    /** How this ecosystem withdraws a release without removing it; empty if its clients do not support that. */
    default Optional<Withdrawal> withdrawal() {
        return Optional.empty();
    }

    /** Facts for {@code templates/{id}/details.html} and for "details" in the JSON twin of the page. */
    default Record details(ReleaseInfo release) {
        return new NoDetails();
    }

    /**
     * Like {@link #details(ReleaseView)}, for ecosystems whose registry signs.
     *
     * @param signer signer of this cache's registry; creates a key on first use
     */
    default Record details(ReleaseInfo release, Supplier<Signer> signer) {
        return details(release);
    }

    /**
     * Returns all tags that clients see, in display order.
     *
     * @param given tags set by publishers, to released versions
     * @param byDefault the version that clients get if they name none; empty if nothing is released
     */
    default Map<String, String> tags(Map<String, String> given, Optional<String> byDefault) {
        return new TreeMap<>(given);
    }

    /** Details of an ecosystem that has no facts of this kind. */
    record NoDetails() {}
}
