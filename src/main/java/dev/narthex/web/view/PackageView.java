package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The overview page of a release.
 *
 * @param doors install commands by client; those of the page's own ecosystem first
 * @param details facts specific to the ecosystem
 * @param waiting why the release is only proposed
 * @param publishedBy who published or pushed it, under the name at that time; empty if not recorded
 * @param publishingRun repository of the CI run that published it; empty if it was not published from CI
 * @param withdrawals withdrawal states such as "yanked", with their reasons; a reason may be empty
 * @param alsoAs other releases of the same project
 * @param deriver full path of the derivation, or empty
 * @param deriverUrl empty if the derivation is not in this cache
 * @param logUrl empty if no log was pushed
 * @param tags tags of the package, most important first
 * @param install absent if clients install no dependencies, and if the size could not be computed yet
 * @param counted whether the install size is current; if false, there was no time to compute it
 */
public record PackageView(
        ReleaseHead head,
        Optional<Readme> readme,
        List<InstallCommands> doors,
        String homepage,
        String repository,
        List<String> people,
        List<String> keywords,
        List<String> vulnerabilities,
        List<Output> outputs,
        BuildsView builds,
        Optional<ProposedReason> waiting,
        String publishedBy,
        String publishingRun,
        Map<String, String> withdrawals,
        ClosureSizeView closure,
        String closureUrl,
        List<RelatedRelease> alsoAs,
        String deriver,
        String deriverUrl,
        String logUrl,
        DownloadsView downloads,
        List<Tag> tags,
        Optional<InstallSize> install,
        boolean counted,
        Record details)
        implements View {
    @Override
    public boolean lasting() {
        return counted && doors.stream().noneMatch(commands -> commands.check.pending());
    }

    /** Returns the artifacts that clients fetch: of alternative builds, only the served one. */
    public List<Output> fetched() {
        var served = builds.served();
        return outputs.stream()
                .filter(output -> output.released()
                        && (!builds.complete() || served.contains(output.path().path())))
                .toList();
    }

    /** Returns whether clients fetch files of the release instead of whole store paths. */
    public boolean files() {
        return outputs.stream().noneMatch(output -> output.origin().equals("path"));
    }

    /**
     * Install commands of one client.
     *
     * @param check whether the cache has everything that the first command fetches
     * @param fileOnly whether the commands fetch the release's file as a store path, without its dependencies
     * @param limits a sentence that says where the commands do not work; empty if they work everywhere
     */
    public record InstallCommands(
            EcosystemName ecosystem,
            String label,
            InstallCheck check,
            boolean fileOnly,
            String limits,
            List<Command> commands) {}

    /** @param command one line to paste into a shell */
    public record Command(String command, String note) {}

    /**
     * A file or path that clients can fetch.
     *
     * @param output output name of the derivation
     * @param origin "exact", "path", "derived", "published" or "upstream"
     * @param promised whether a registry index has listed it, so that its bytes must not change
     * @param length length of the file, in bytes
     */
    public record Output(
            String filename,
            StoreItem path,
            String output,
            String platform,
            String origin,
            boolean released,
            boolean promised,
            long length,
            String sha256,
            Instant at) {}
}
