package dev.narthex.spi;

import dev.narthex.nix.NarListing.Entry;
import java.util.Locale;
import java.util.Optional;

/**
 * One file or path of a release: bytes [offset, offset + length) of the candidate's NAR. The core computes the digests.
 *
 * @param filename name under which clients fetch it; the base name if it is a whole path
 * @param output output of the derivation, "out" if unknown
 * @param platform such as {@code x86_64-linux}, or "any"
 * @param file path inside the store path, empty for its root; the Files tab opens there
 */
public record FoundArtifact(
        String filename, Origin origin, String output, String platform, long offset, long length, String file) {
    /**
     * Describes the path itself as an artifact, if it is a single file. Its bytes are served from the NAR without a copy.
     *
     * @return empty if the path is a directory or a symlink
     */
    public static Optional<FoundArtifact> ofFile(Candidate path, String filename) {
        return path.listing().root() instanceof Entry.Regular file
                ? Optional.of(
                        new FoundArtifact(filename, Origin.EXACT, "out", "any", file.narOffset(), file.size(), ""))
                : Optional.empty();
    }

    /**
     * Source of the bytes: EXACT is a file stored as its publisher made it, PATH the whole store path, DERIVED a file that a
     * transcoder made, PUBLISHED a file uploaded through a registry.
     */
    public enum Origin {
        EXACT,
        PATH,
        DERIVED,
        PUBLISHED;

        public String column() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
