package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What stands at the top of every page of a store path.
 *
 * @param url of the overview; its tabs are below
 * @param path in full
 * @param name without the hash part
 * @param isDerivation whether it is a derivation itself
 * @param knownAs packages that it is
 * @param derivation whether there is a derivation to show
 * @param log whether a build log was pushed
 * @param builtBy names of known keys whose pushed signatures are valid
 * @param damaged the path itself, if its bytes are
 */
public record PathHead(
        String cache,
        String url,
        String hash,
        String path,
        String name,
        boolean isDerivation,
        List<Known> knownAs,
        long referrers,
        boolean derivation,
        boolean log,
        List<String> builtBy,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Damage> damaged) {}
