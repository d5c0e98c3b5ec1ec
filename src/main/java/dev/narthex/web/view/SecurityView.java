package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known that whoever installs a release may want to know before. Facts, and never a score.
 *
 * @param advisories what is known to be wrong with it, whichever part of its project says so
 * @param through the registries that bring it: this release, and all that are the same project
 * @param toldAt when the newest metadata of these arrived, of which advisories are read; absent if none ever did
 * @param old whether that was more than two days ago
 * @param carried releases with advisories that come along with it
 * @param alongPaths how many other store paths its closure has; absent if clients fetch files of it
 * @param toldPaths for how many of them metadata was sent
 * @param alongPackages how many packages clients bring along; absent if that is not known
 * @param alongAll false if more comes along than was looked at, or is here
 * @param installCode what clients run of it when they install it; absent if that is not known
 * @param files what is in its bytes; absent if nobody could look
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record SecurityView(
        ReleaseHead head,
        List<Advisory> advisories,
        List<Known> through,
        Optional<Instant> toldAt,
        boolean old,
        List<Carried> carried,
        Optional<Integer> alongPaths,
        Optional<Integer> toldPaths,
        Optional<Integer> alongPackages,
        boolean alongAll,
        Optional<List<Step>> installCode,
        Optional<Files> files)
        implements View {
    public SecurityView {
        advisories = List.copyOf(advisories);
        through = List.copyOf(through);
        carried = List.copyOf(carried);
    }

    /** @param of releases whose metadata say so */
    public record Advisory(String text, List<Known> of) {}

    /**
     * @param through the registry whose clients bring it along
     * @param known of what is known to be vulnerable
     * @param url of the store path that is brought, or of the release
     * @param range by which the release asks for it; empty if something else does
     */
    public record Carried(EcosystemName through, Known known, String url, String range, List<String> advisories) {}

    /** @param command empty if it is none */
    public record Step(String name, String command) {}

    /**
     * All are counted, and the first of each are named.
     *
     * @param executables files that are marked as programs
     * @param linksOut links to what is no store path
     * @param linksIntoStore links to other store paths
     * @param natives files of machine code
     * @param unread files that look like programs and were too many to be read
     * @param licences files that say by their names that they are a license
     */
    public record Files(
            long files,
            long executables,
            List<Place> executableFiles,
            long linksOut,
            List<Place> links,
            long linksIntoStore,
            long natives,
            List<Place> nativeFiles,
            long unread,
            long licences,
            List<Place> licenceFiles) {}

    /**
     * @param file path from the root
     * @param url of its page; empty if it has none
     * @param says where a link leads, what a binary is, how a text begins; may be empty
     */
    public record Place(String file, String url, String says) {}

    /** Whether anybody ever told whether something is wrong with it. */
    public boolean told() {
        return toldAt.isPresent() || !advisories.isEmpty();
    }
}
