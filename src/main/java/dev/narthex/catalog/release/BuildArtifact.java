package dev.narthex.catalog.release;

import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;
import java.time.Instant;
import java.util.Optional;

/**
 * One artifact of a release, with data of its store path, for the list of builds.
 *
 * @param build hash part of the deriver, or of the path without a deriver
 * @param origin as in {@link dev.narthex.spi.Artifact}
 * @param promised whether clients have been given its digest
 * @param length in bytes
 * @param sha256 of the file, in hexadecimal; the NAR hash if the artifact is a whole path
 * @param references number of other paths that the store path references
 * @param pushedBy name of the principal who pushed the path
 */
public record BuildArtifact(
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
    /** Returns whether the artifact is a whole store path, not a file. */
    public boolean coversWholePath() {
        return origin.equals("path");
    }

    static BuildArtifact of(Row row) {
        return new BuildArtifact(
                row.string("build"),
                new StorePath(row.string("hash_part"), row.string("name")),
                row.string("filename"),
                row.string("output"),
                row.string("platform"),
                row.string("origin"),
                row.bool("released"),
                row.bool("promised"),
                row.longValue("length"),
                row.string("sha256"),
                row.longValue("refs"),
                row.optionalString("deriver").map(StorePath::parseBaseName),
                row.optionalString("pushed_by"),
                row.instant("at"));
    }
}
