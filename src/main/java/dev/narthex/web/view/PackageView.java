package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A release of a package: the overview.
 *
 * @param doors how to fetch it, by client; the page's own ecosystem first
 * @param details the ecosystem's own facts
 * @param waiting why it is only proposed
 * @param publishedBy who published or pushed it, as the principal was named then; empty if it is not recorded
 * @param publishingRun of CI, by its repository; empty if none published it
 * @param withdrawals what was taken back about it and why, as in "yanked"; the reason may be empty
 * @param alsoAs other releases that are the same project
 * @param deriver full path of the derivation, or empty
 * @param deriverUrl empty if the derivation is not in this cache
 * @param logUrl empty if no log was pushed
 * @param tags of the package, in the order in which people look for them
 * @param install absent where clients bring nothing along, and where it could not be counted yet
 * @param counted whether the install size is that of now; else there was no time to count it
 */
public record PackageView(
        ReleaseHead head,
        Optional<Readme> readme,
        List<Door> doors,
        String homepage,
        String repository,
        List<String> people,
        List<String> keywords,
        List<String> vulnerabilities,
        List<Output> outputs,
        Builds builds,
        Optional<Waiting> waiting,
        String publishedBy,
        String publishingRun,
        Map<String, String> withdrawals,
        Weight closure,
        String closureUrl,
        List<Known> alsoAs,
        String deriver,
        String deriverUrl,
        String logUrl,
        Downloads downloads,
        List<Tag> tags,
        Optional<InstallSize> install,
        boolean counted,
        Record details)
        implements View {
    @Override
    public boolean lasting() {
        return counted && doors.stream().noneMatch(door -> door.check.pending());
    }

    /** What clients fetch: of builds that are alternatives to each other one. */
    public List<Output> fetched() {
        var served = builds.served();
        return outputs.stream()
                .filter(output -> output.released()
                        && (!builds.complete() || served.contains(output.path().path())))
                .toList();
    }

    /** Whether clients fetch files of it, in place of whole store paths. */
    public boolean files() {
        return outputs.stream().noneMatch(output -> output.origin().equals("path"));
    }

    /**
     * Commands of one client.
     *
     * @param check whether the cache has what the first of them fetches
     * @param fileOnly whether they fetch the file of the release as a store path, without what it depends on
     * @param limits a sentence on where they do not work; empty if they work everywhere
     */
    public record Door(
            EcosystemName ecosystem,
            String label,
            InstallCheck check,
            boolean fileOnly,
            String limits,
            List<Command> commands) {}

    /** @param command one line, as pasted into a shell */
    public record Command(String command, String note) {}

    /**
     * A file or path that clients can fetch.
     *
     * @param output of the derivation
     * @param origin "exact", "path", "derived", "published" or "upstream"
     * @param length of the file, in bytes
     * @param promised whether an index has named it, so that its bytes stay
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
