package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;

/**
 * What stands at the top of every page of a release.
 *
 * @param url of this version; its tabs are below
 * @param packageUrl without a version: the canonical page of the default version
 * @param prerelease by the ecosystem's rule
 * @param released false while it is only proposed: shown, not served
 * @param defaultVersion what a client gets that asks for none
 * @param arrival how its main artifact came here: "pushed" as a store path, "published" to its registry, or "upstream"
 * @param wholePath whether clients fetch the store path itself; else a file in it
 * @param downloadSize bytes that a client fetches: of a whole path its compressed NAR
 * @param builtBy names of known keys whose pushed signatures are valid
 * @param damaged files of this version whose bytes are
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
