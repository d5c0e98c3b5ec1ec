package dev.narthex.ecosystem.npm;

import dev.narthex.problem.Problem;
import java.util.regex.Pattern;

/** Validates the names of dist-tags. */
final class DistTag {
    static final String LATEST = "latest";

    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._~-]{0,99}");

    /** Text that clients read as a version range before they look for a tag (npm/node-semver, ranges with x and v). */
    private static final Pattern RANGE = Pattern.compile("[vV=xX]?[0-9xX*]*(\\.[0-9xX*]+)*(-.*)?");

    private DistTag() {}

    /** @throws dev.narthex.problem.ProblemException Malformed */
    static void require(String tag) {
        if (!NAME.matcher(tag).matches() || RANGE.matcher(tag).matches()) {
            throw Problem.malformed(
                    "dist-tag",
                    tag,
                    "Tag name must not be a valid SemVer range, and has 1 to 100 letters, digits, “.”, “_”, “~” and"
                            + " “-”, the first of which is a letter.");
        }
    }
}
