package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * The header of every page of a store path.
 *
 * @param url URL of the overview page; the tabs are below it
 * @param path in full
 * @param name without the hash part
 * @param isDerivation whether the path is itself a derivation
 * @param knownAs releases that the path was recognized as
 * @param referrers number of paths that reference it
 * @param derivation whether there is a derivation to show
 * @param log whether a build log was pushed
 * @param builtBy names of known keys with valid pushed signatures
 * @param damaged the path itself, if its bytes are damaged
 */
public record PathHead(
        String cache,
        String url,
        String hash,
        String path,
        String name,
        boolean isDerivation,
        List<RelatedRelease> knownAs,
        long referrers,
        boolean derivation,
        boolean log,
        List<String> builtBy,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Damage> damaged) {}
