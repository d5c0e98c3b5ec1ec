package dev.narthex.web.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Security-relevant facts about a release. It shows facts and never a score.
 *
 * @param advisories advisories that affect the project, from any of its ecosystems
 * @param through this release and the other releases of the same project
 * @param toldAt arrival time of the newest metadata of these releases, from which advisories are read; absent if no metadata
 *     arrived
 * @param old whether {@code toldAt} is more than two days ago
 * @param carried dependencies with advisories
 * @param alongPaths number of other store paths in the closure; absent if clients fetch files
 * @param toldPaths number of those paths for which metadata was sent
 * @param alongPackages number of dependencies that clients install; absent if unknown
 * @param alongAll false if some dependencies are not in this cache or were not checked
 * @param installCode scripts that clients run during installation; absent if unknown
 * @param files package contents; absent if they could not be read
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record SecurityView(
        ReleaseHead head,
        List<Advisory> advisories,
        List<RelatedRelease> through,
        Optional<Instant> toldAt,
        boolean old,
        List<VulnerableDependency> carried,
        Optional<Integer> alongPaths,
        Optional<Integer> toldPaths,
        Optional<Integer> alongPackages,
        boolean alongAll,
        Optional<List<Step>> installCode,
        Optional<FileSummary> files)
        implements View {
    public SecurityView {
        advisories = List.copyOf(advisories);
        through = List.copyOf(through);
        carried = List.copyOf(carried);
    }

    /** @param of releases whose metadata contain the advisory */
    public record Advisory(String text, List<RelatedRelease> of) {}

    /**
     * A dependency with advisories.
     *
     * @param through registry whose clients install it
     * @param known the affected release
     * @param url URL of the dependency's store path or release
     * @param range version range in the release's manifest; empty if it is not a direct dependency
     */
    public record VulnerableDependency(
            EcosystemName through, RelatedRelease known, String url, String range, List<String> advisories) {}

    /** @param command empty if the step is not a command */
    public record Step(String name, String command) {}

    /**
     * Summary of the files. Counts are complete, lists are truncated.
     *
     * @param executables files with the executable bit
     * @param linksOut symlinks that do not point into a store path
     * @param linksIntoStore symlinks to other store paths
     * @param natives files with machine code
     * @param unread files that look like binaries but were not read because there are too many
     * @param licences files that are licenses according to their names
     */
    public record FileSummary(
            long files,
            long executables,
            List<FileLine> executableFiles,
            long linksOut,
            List<FileLine> links,
            long linksIntoStore,
            long natives,
            List<FileLine> nativeFiles,
            long unread,
            long licences,
            List<FileLine> licenceFiles) {}

    /**
     * @param file path from the root
     * @param url URL of the file's page; empty if the file does not have a page
     * @param says target of a symlink, type of a binary, or first words of a text; may be empty
     */
    public record FileLine(String file, String url, String says) {}

    /** Returns whether anything is known about advisories, because metadata arrived or there are advisories. */
    public boolean hasMetadata() {
        return toldAt.isPresent() || !advisories.isEmpty();
    }
}
