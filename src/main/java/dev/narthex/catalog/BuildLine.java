package dev.narthex.catalog;

import dev.narthex.nix.StorePath;
import dev.narthex.sql.Row;
import java.time.Instant;
import java.util.Optional;

/**
 * One artifact of a release, and what the path says from which it comes.
 *
 * @param build hash part of the deriver, else of the path
 * @param origin as in {@link dev.narthex.spi.Artifact}
 * @param promised whether clients were told its bytes
 * @param length in bytes
 * @param sha256 of the file, in hex; of a whole path the NAR hash
 * @param references to other paths
 * @param pushedBy as {@code Access.principal()} gave it
 */
public record BuildLine(
        String build,
        StorePath path,
        String filename,
        String output,
        String platform,
        String origin,
        boolean released,
        boolean promised,
        long length,
        String sha256,
        long references,
        Optional<StorePath> deriver,
        Optional<String> pushedBy,
        Instant at) {
    /** Whether it is the path as a whole, in place of a file. */
    public boolean whole() {
        return origin.equals("path");
    }

    static BuildLine of(Row row) {
        return new BuildLine(
                row.text("build"),
                new StorePath(row.text("hash_part"), row.text("name")),
                row.text("filename"),
                row.text("output"),
                row.text("platform"),
                row.text("origin"),
                row.truth("released"),
                row.truth("promised"),
                row.number("length"),
                row.text("sha256"),
                row.number("refs"),
                row.maybeText("deriver").map(StorePath::parseBase),
                row.maybeText("pushed_by"),
                row.time("at"));
    }
}
