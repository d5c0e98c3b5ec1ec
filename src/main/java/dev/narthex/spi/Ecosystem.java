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
 * One registry's view of store paths. Stateless and thread-safe; found by CDI, named only in its own folder.
 * {@code EcosystemContract} in the tests says what every implementation holds. What has a body here is a choice that some
 * ecosystems need not make.
 */
public interface Ecosystem {
    /** Segment of URLs and value in rows, such as {@code npm}: lower-case letters and digits. */
    String id();

    /** The one of these with this id. */
    static Optional<Ecosystem> named(Collection<Ecosystem> installed, String id) {
        return installed.stream().filter(one -> one.id().equals(id)).findFirst();
    }

    /** As people write it, such as {@code PyPI}. */
    String title();

    /** Of the arch beside its name on pages; never without a word, so it need not be unlike all others. */
    default Colour colour() {
        return Colour.PLAIN;
    }

    /** The form under which two spellings of one name are equal. Idempotent; unless overridden, every spelling is a name. */
    default String normalise(String name) {
        return name;
    }

    /** Unsigned byte order of the keys is version order, so that the database sorts. */
    byte[] versionKey(String version);

    /** Whether clients take versions with equal keys for one version in two spellings, so that they are one release. */
    default boolean equalKeysAreOneVersion() {
        return false;
    }

    /** Whether clients take it only when it is asked for. */
    default boolean prerelease(String version) {
        return false;
    }

    /**
     * What this path is to this ecosystem: zero, one or several packages. Pure: the same path gives the same answer. Input
     * is hostile; what cannot be read is no package, never an exception but for failing reads.
     */
    Stream<Found> recognise(Candidate path) throws IOException;

    /**
     * Beginnings of the names of store paths that may be this package, for readers who look for it before its path is recognized.
     * A few; a path that has none of them is recognized all the same.
     *
     * @param name in any spelling
     */
    default List<String> pathNames(String name) {
        return List.of(name + "-");
    }

    /** Commands that fetch exactly this release when pasted; empty if there is no such command. */
    default List<InstallSnippet> install(ReleaseView release) {
        return List.of();
    }

    /** How a release is taken back that stays; empty if clients know nothing of the kind. */
    default Optional<Withdrawal> withdrawal() {
        return Optional.empty();
    }

    /** Facts for {@code templates/{id}/details.html} and for "details" of the page's JSON twin. */
    default Record details(ReleaseView release) {
        return new NoDetails();
    }

    /**
     * The same of an ecosystem whose registry signs.
     *
     * @param signer of this cache's registry; has a key made if it has none yet
     */
    default Record details(ReleaseView release, Supplier<Signer> signer) {
        return details(release);
    }

    /**
     * Names that stand for versions, as clients see them and in the order in which people look for them.
     *
     * @param given by publishers, to released versions
     * @param byDefault the version that clients get who name none, if anything is released
     */
    default Map<String, String> tags(Map<String, String> given, Optional<String> byDefault) {
        return new TreeMap<>(given);
    }

    /** Of an ecosystem with nothing to say but what all have. */
    record NoDetails() {}
}
