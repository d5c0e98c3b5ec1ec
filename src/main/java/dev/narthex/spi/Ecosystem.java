package dev.narthex.spi;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/**
 * One registry's view of store paths. Stateless and thread-safe; found by CDI, named only in its own folder.
 * {@code EcosystemContract} in the tests says what every implementation holds.
 */
public interface Ecosystem {
    /** Segment of URLs and value in rows, such as {@code npm}: lower-case letters and digits. */
    String id();

    /** As people write it, such as {@code PyPI}. */
    String title();

    /** The form under which two spellings of one name are equal. Idempotent. */
    String normalise(String name);

    /** Unsigned byte order of the keys is version order, so that the database sorts. */
    byte[] versionKey(String version);

    boolean prerelease(String version);

    /**
     * What this path is to this ecosystem: zero, one or several packages. Pure: the same path gives the same answer. Input
     * is hostile; what cannot be read is no package, never an exception but for failing reads.
     */
    Stream<Found> recognise(Candidate path) throws IOException;

    /** Commands that fetch exactly this release when pasted; empty if there is no such command. */
    List<InstallSnippet> install(ReleaseView release);

    /** Facts for {@code templates/{id}/details.html} and for "details" of the page's JSON twin. */
    Record details(ReleaseView release);
}
