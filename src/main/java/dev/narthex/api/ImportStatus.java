package dev.narthex.api;

import dev.narthex.vault.imports.ImportPaths;
import dev.narthex.vault.imports.ImportPaths.ImportTotals;
import dev.narthex.vault.imports.ImportPaths.State;
import dev.narthex.vault.imports.ImportRun;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The progress of an import. Bytes are those of uncompressed NARs.
 *
 * @param state running, done or stopped
 * @param note why it was stopped
 * @param wanted number of paths whose narinfo is not read yet, so their references are unknown
 * @param left number of paths whose NAR is not fetched yet
 * @param fetched number of paths fetched from the source
 * @param here number of paths that the cache already had
 * @param missing number of paths that the source does not have
 * @param failed number of paths that were rejected or could not be read
 * @param bytesPerSecond average of the last minute
 * @param troubles the first missing or failed paths
 */
record ImportStatus(
        long id,
        String source,
        String state,
        String note,
        Instant startedAt,
        long wanted,
        long left,
        long leftBytes,
        long fetched,
        long fetchedBytes,
        long here,
        long missing,
        long failed,
        long bytesPerSecond,
        List<FailedPath> troubles) {
    static final Duration RECENT = Duration.ofMinutes(1);

    /** @param path base name, or the hash part if the name is unknown */
    record FailedPath(String path, String state, String reason) {}

    static ImportStatus of(ImportRun run, Map<State, ImportTotals> sums, List<ImportPaths.PathFailure> troubles) {
        var totals = sums.getOrDefault(State.KNOWN, ImportTotals.ZERO);
        var fetched = sums.getOrDefault(State.FETCHED, ImportTotals.ZERO);
        return new ImportStatus(
                run.id(),
                run.source(),
                run.state(),
                run.note(),
                run.startedAt(),
                paths(sums, State.WANTED),
                totals.paths(),
                totals.bytes(),
                fetched.paths(),
                fetched.bytes(),
                paths(sums, State.HERE),
                paths(sums, State.MISSING),
                paths(sums, State.FAILED),
                fetched.recent() / RECENT.toSeconds(),
                troubles.stream()
                        .map(t -> new FailedPath(t.name(), t.state().name().toLowerCase(Locale.ROOT), t.reason()))
                        .toList());
    }

    private static long paths(Map<State, ImportTotals> sums, State state) {
        return sums.getOrDefault(state, ImportTotals.ZERO).paths();
    }

    /** Returns a status line; after the end, followed by the missing and failed paths. */
    String text() {
        var line = new StringBuilder(
                "%s: %d fetched (%.1f MiB), %d were here".formatted(state, fetched, mib(fetchedBytes), here));
        if (wanted + left > 0) {
            line.append(", %d left (%.1f MiB)".formatted(wanted + left, mib(leftBytes)));
            line.append(wanted > 0 ? " and their references" : "");
            line.append(", %.1f MiB/s".formatted(mib(bytesPerSecond)));
        }
        line.append(", %d missing, %d failed\n".formatted(missing, failed));
        if (!state.equals("running")) {
            troubles.forEach(t -> line.append(t.state() + " " + t.path() + ": " + t.reason() + "\n"));
            line.append(missing + failed > troubles.size() ? "and more\n" : "");
            line.append(note.isEmpty() ? "" : note + "\n");
        }
        return line.toString();
    }

    private static double mib(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
