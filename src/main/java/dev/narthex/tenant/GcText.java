package dev.narthex.tenant;

import dev.narthex.catalog.Retention;
import dev.narthex.tenant.GcEndpoint.Preview;
import dev.narthex.tenant.GcEndpoint.Ran;
import dev.narthex.tenant.GcEndpoint.Shown;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Collections in lines, for people at a shell. */
final class GcText {
    private GcText() {}

    /** What a cache keeps, then its collections, newest first. */
    static String of(Shown shown) {
        var rules = shown.retention()
                .map(kept -> "keeps what is younger than " + kept.days() + " days, pinned or released")
                .orElse("keeps everything for ever");
        return lines(Stream.concat(
                Stream.of(shown.cache() + " " + rules),
                shown.collections().stream().map(GcText::line)));
    }

    private static String line(Ran run) {
        return run.started() + " " + (run.ended().isPresent() ? "ended" : "running") + ": "
                + amount(run.paths(), run.bytes(), run.releases());
    }

    private static String amount(long paths, long bytes, long releases) {
        return paths + " paths, " + bytes + " bytes, " + releases + " versions";
    }

    /** One line that counts, then the versions and paths. */
    static String of(Preview preview, Retention rules) {
        if (rules.forEver()) {
            return preview.cache() + ": nothing would go, it keeps everything for ever\n";
        }
        var what = amount(preview.paths(), preview.narBytes(), preview.releases());
        var left = preview.paths()
                + preview.releases()
                - preview.list().size()
                - preview.releaseList().size();
        return lines(Stream.of(
                        Stream.of(preview.cache() + ": " + what + " would go: older than "
                                + rules.age().toDays() + " days, and needed by nothing that is kept"),
                        preview.releaseList().stream().map(release -> "  " + release),
                        preview.list().stream().map(one -> "  " + one.path() + " " + one.narSize()),
                        Stream.of("  and " + left + " more").filter(line -> left > 0))
                .flatMap(part -> part));
    }

    private static String lines(Stream<String> lines) {
        return lines.collect(Collectors.joining("\n", "", "\n"));
    }
}
