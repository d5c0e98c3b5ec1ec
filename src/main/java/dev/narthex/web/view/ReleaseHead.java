package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * The header of every page of a release.
 *
 * @param url URL of this version; its tabs are below it
 * @param packageUrl URL without a version: the canonical page of the default version
 * @param prerelease by the ecosystem's rule
 * @param released false while it is only proposed: visible on its page, but not served
 * @param defaultVersion version that clients get if they request none
 * @param arrival how the primary artifact got here: "pushed" as a store path, "published" to a registry, or from "upstream"
 * @param wholePath whether clients fetch the whole store path instead of a file in it
 * @param downloadSize download size in bytes; for a whole path, that of the compressed NAR
 * @param versions number of versions of the package
 * @param builtBy names of known keys with valid pushed signatures
 * @param damaged files of this version whose bytes are damaged
 */
public record ReleaseHead(
        String cache,
        EcosystemName ecosystem,
        String name,
        String normalised,
        String version,
        String url,
        String packageUrl,
        boolean prerelease,
        boolean released,
        String defaultVersion,
        List<String> tags,
        String summary,
        String licence,
        Instant publishedAt,
        String arrival,
        boolean wholePath,
        long downloadSize,
        long versions,
        long dependencies,
        long dependents,
        boolean derivation,
        List<String> builtBy,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Damage> damaged) {
    public boolean byDefault() {
        return version.equals(defaultVersion);
    }
}
