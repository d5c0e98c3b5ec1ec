package dev.narthex.spi;

import dev.narthex.http.Content;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Read access to one cache. Finds only released artifacts. */
public interface Registry {
    /** Last position of a search result that can be requested; users should narrow the query instead. */
    int LAST_HIT = 10_000;

    /** Maximum number of stars listed for a package or a person. */
    int MOST_STARS = 1000;

    Cache cache();

    /** Public base URL of this instance, without a trailing slash. */
    String baseUrl();

    /**
     * Finds a package with its releases that are released. Also promises their files, since the caller names them to a client:
     * for each file name, the one artifact that clients get.
     */
    Optional<PackageInfo> find(String ecosystem, String normalized);

    /**
     * Returns the ecosystem's data about a package, as in {@link PackageInfo#state}; empty only if no package of this name
     * exists.
     */
    Optional<Map<String, String>> state(String ecosystem, String normalized);

    /**
     * Lists display names in byte order of the normalized name, starting after the normalized name {@code after}; at most
     * {@code limit}.
     */
    List<PackageName> names(String ecosystem, String after, int limit);

    /**
     * Finds packages that have a release, best matches first: by name, and also by description while the search index is
     * available.
     *
     * @param from at most {@value #LAST_HIT}
     */
    SearchHits search(String ecosystem, String text, int from, int size);

    /**
     * Lists names of packages whose default release depends on this package, which need not be in the cache; at most
     * {@code limit}.
     */
    List<String> dependents(String ecosystem, String normalized, int limit);

    /** Finds the artifact that clients get under this file name of a package. */
    Optional<Artifact> file(String ecosystem, String normalized, String filename);

    Content open(Artifact artifact) throws IOException;

    /** Returns the attestations of this file as they were sent. */
    List<Attestation> attestations(Artifact artifact);

    /**
     * Returns a cached response, or creates it; it is created again only after the package has changed.
     *
     * @param normalized the package; empty for a response about all packages of the ecosystem
     * @param form distinguishes the responses about one package
     * @param factory creates the body only from data that this registry returns
     */
    Document document(String ecosystem, String normalized, String form, Supplier<byte[]> factory);

    /**
     * Lists releases that are declared vulnerable, directly or through a release that was built from them or from which they were
     * built. Bounded.
     */
    List<VulnerableVersion> vulnerable(String ecosystem);

    /** Counts a download of this file. Does not block; the number becomes visible a little later. */
    void downloaded(Artifact artifact);

    /** Returns download counts by normalized name, of those of these packages that were downloaded in the last 30 days. */
    Map<String, DownloadCount> downloads(String ecosystem, Collection<String> normalized);

    /** Lists the names of the first {@value #MOST_STARS} people who starred this package. */
    List<String> stars(String ecosystem, String normalized);

    /**
     * Lists the names of at most {@value #MOST_STARS} packages that a person starred, latest first; empty if the person is
     * unknown.
     */
    List<String> starredBy(String ecosystem, String who);

    /** Returns a signer for this cache, with a key that only this ecosystem's registries use. */
    Signer signer(String ecosystem);

    /** Changes whenever the content that this cache serves changes: a validator for responses that are too long to cache. */
    String revision();

    /** @param vulnerabilities as their publisher writes them, such as {@code CVE-2021-23337}; at least one */
    record VulnerableVersion(String name, String normalized, String version, List<String> vulnerabilities) {
        public VulnerableVersion {
            vulnerabilities = List.copyOf(vulnerabilities);
        }
    }

    /**
     * @param releases the default release of each package, without its files and readme
     * @param total number of matches on all pages
     */
    record SearchHits(List<ReleaseInfo> releases, long total) {
        public SearchHits {
            releases = List.copyOf(releases);
        }
    }

    record PackageName(String name, String normalized) {}
}
