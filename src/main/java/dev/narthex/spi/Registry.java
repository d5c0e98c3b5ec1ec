package dev.narthex.spi;

import dev.narthex.content.Content;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** One cache, as far as the caller may read it. Only released artifacts are found here. */
public interface Registry {
    /** Nothing is found beyond: whoever has not seen it by then asks for less. */
    int LAST_HIT = 10_000;

    /** Marks of one package, and of one person, are told up to here. */
    int MOST_STARS = 1000;

    Cache cache();

    /** Public base address of this instance, without a trailing slash. */
    String baseUrl();

    /**
     * A package with its released releases. Names its files to a client, so their bytes are promised from here on: of each
     * file name the one artifact that clients get.
     */
    Optional<PackageView> find(String ecosystem, String normalised);

    /** What the ecosystem keeps of a package, as in {@link PackageView#state}; empty only if there is none of this name at all. */
    Optional<Map<String, String>> state(String ecosystem, String normalised);

    /** Display names in byte order of the normalised name, at most {@code limit}, after a normalised name. */
    List<PackageName> names(String ecosystem, String after, int limit);

    /**
     * Packages with something released, the best first: by name, and while the search index answers by what they say of
     * themselves too.
     *
     * @param from at most {@value #LAST_HIT}
     */
    Hits search(String ecosystem, String text, int from, int size);

    /**
     * Names of packages whose release that is shown without a version declares this one, which need not be here; at most
     * {@code limit}.
     */
    List<String> dependents(String ecosystem, String normalised, int limit);

    /** The artifact that this file name of a package stands for. */
    Optional<Artifact> file(String ecosystem, String normalised, String filename);

    Content open(Artifact artifact) throws IOException;

    /** What somebody signed about this file, as it was sent. */
    List<Attestation> attestations(Artifact artifact);

    /**
     * A kept answer, or a new one: made once, and again only after the package that it speaks of has changed.
     *
     * @param normalised of the package; empty for an answer that speaks of all packages of the ecosystem
     * @param form tells apart the answers about one package
     * @param maker makes the body from what this registry finds, and from nothing else
     */
    Document document(String ecosystem, String normalised, String form, Supplier<byte[]> maker);

    /**
     * Releases that are known to be vulnerable: by what their publisher said of them, or of what they were made of or into.
     * Bounded.
     */
    List<Vulnerable> vulnerable(String ecosystem);

    /** Counts that a client took this file. Does not block; the number is seen a little later. */
    void downloaded(Artifact artifact);

    /** Of those of these packages that were downloaded in the last thirty days, by normalised name. */
    Map<String, DownloadCount> downloads(String ecosystem, Collection<String> normalised);

    /** What the first {@value #MOST_STARS} people are called who marked this package as one that they like. */
    List<String> stars(String ecosystem, String normalised);

    /**
     * Names of at most {@value #MOST_STARS} packages that somebody marked, the latest first; none if he is not known.
     */
    List<String> starredBy(String ecosystem, String who);

    /** Signs for this cache, by a key that only registries of this ecosystem use. */
    Signer signer(String ecosystem);

    /** Grows with every change of what this cache serves: a validator for answers that are too long to be kept. */
    String revision();

    /** @param vulnerabilities as their publisher words them, such as {@code CVE-2021-23337}; at least one */
    record Vulnerable(String name, String normalised, String version, List<String> vulnerabilities) {
        public Vulnerable {
            vulnerabilities = List.copyOf(vulnerabilities);
        }
    }

    /**
     * @param releases of each package the one that is shown without a version, without its files and readme
     * @param total of all pages
     */
    record Hits(List<ReleaseView> releases, long total) {
        public Hits {
            releases = List.copyOf(releases);
        }
    }

    record PackageName(String name, String normalised) {}
}
