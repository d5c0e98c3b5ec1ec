package dev.narthex.api;

import dev.narthex.api.GcEndpoint.GcPreviewResponse;
import dev.narthex.api.GcEndpoint.GcResponse;
import dev.narthex.api.GcEndpoint.GcRunResponse;
import dev.narthex.catalog.cache.Retention;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Formats garbage collections as plain text for the shell. */
final class GcText {
    private GcText() {}

    /** Formats the retention policy, then one line per collection, newest first. */
    static String of(GcResponse response) {
        var rules = response.retention()
                .map(retention -> "keeps paths younger than " + retention.days() + " days, pinned or released")
                .orElse("keeps everything");
        return lines(Stream.concat(
                Stream.of(response.cache() + " " + rules),
                response.collections().stream().map(GcText::line)));
    }

    private static String line(GcRunResponse run) {
        return run.started() + " " + (run.ended().isPresent() ? "ended" : "running") + ": "
                + summarize(run.paths(), run.bytes(), run.releases());
    }

    private static String summarize(long paths, long bytes, long releases) {
        return paths + " paths, " + bytes + " bytes, " + releases + " versions";
    }

    /** Formats a dry run: one line with the totals, then the releases and paths. */
    static String of(GcPreviewResponse preview, Retention rules) {
        if (rules.keepsForever()) {
            return preview.cache() + ": nothing would be deleted: no retention policy is set\n";
        }
        var what = summarize(preview.paths(), preview.narBytes(), preview.releases());
        var left = preview.paths()
                + preview.releases()
                - preview.list().size()
                - preview.releaseList().size();
        return lines(Stream.of(
                        Stream.of(preview.cache() + ": " + what + " would be deleted: older than "
                                + rules.age().toDays() + " days, and not needed by anything that is kept"),
                        preview.releaseList().stream().map(release -> "  " + release),
                        preview.list().stream().map(path -> "  " + path.path() + " " + path.narSize()),
                        Stream.of("  and " + left + " more").filter(line -> left > 0))
                .flatMap(part -> part));
    }

    private static String lines(Stream<String> lines) {
        return lines.collect(Collectors.joining("\n", "", "\n"));
    }
}
