package dev.narthex.spi;

import dev.narthex.nix.NarListing.Entry;
import java.util.Locale;
import java.util.Optional;

/**
 * One file or path of a release: bytes [offset, offset + length) of the candidate's NAR. The core computes the digests.
 *
 * @param filename under which clients fetch it; for a whole path its base name
 * @param output of the derivation, "out" if unknown
 * @param platform such as {@code x86_64-linux}, or "any"
 * @param file path inside the store path, empty for its root: where the files tab opens
 */
public record FoundArtifact(
        String filename, Origin origin, String output, String platform, long offset, long length, String file) {
    /**
     * The path itself, if it is one file: its bytes are served where they lie in the NAR, and nothing is copied.
     *
     * @return empty if the path is a folder or a link
     */
    public static Optional<FoundArtifact> ofFile(Candidate path, String filename) {
        return path.listing().root() instanceof Entry.Regular file
                ? Optional.of(
                        new FoundArtifact(filename, Origin.EXACT, "out", "any", file.narOffset(), file.size(), ""))
                : Optional.empty();
    }

    /**
     * Where the bytes come from: a file kept as it was made, the store path as a whole, a file that the core had made, or one
     * that was sent through a registry.
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
