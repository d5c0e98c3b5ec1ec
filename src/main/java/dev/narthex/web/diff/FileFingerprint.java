package dev.narthex.web.diff;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import dev.narthex.web.files.FileTree;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Digests of the beginning of a file, to compare files of equal size without keeping their contents.
 *
 * @param bytes SHA-256 of the bytes as they are
 * @param masked SHA-256 of the bytes with the hash parts of referenced store paths masked; equal to {@code bytes} if there are
 *     none
 * @param whole whether the digests cover the whole file
 */
record FileFingerprint(NixHash bytes, NixHash masked, boolean complete) {
    /** Number of bytes read from each file, because different builds usually differ near the beginning. */
    private static final int READ = 4 << 20;

    /** Number of bytes read from all files of a tree; files beyond that have no fingerprint. */
    private static final long READ_OF_ALL = 128L << 20;

    /** Returns the fingerprints of the files within the limits. */
    static Map<Entry.Regular, FileFingerprint> of(FileTree tree, Collection<Entry.Regular> files, HashMask mask)
            throws IOException {
        var prints = new HashMap<Entry.Regular, FileFingerprint>();
        var buffer = new byte
                [(int) files.stream()
                        .mapToLong(file -> Math.min(READ, file.size()))
                        .max()
                        .orElse(0)];
        tree.visit(files, READ_OF_ALL, (file, in) -> {
            int length = in.readNBytes(buffer, 0, (int) Math.min(READ, file.size()));
            var bytes = digest(buffer, length);
            var masked = mask.mask(buffer, length) ? digest(buffer, length) : bytes;
            prints.put(file, new FileFingerprint(bytes, masked, length == file.size()));
        });
        return prints;
    }

    private static NixHash digest(byte[] bytes, int length) {
        var digest = HashAlgorithm.SHA256.newDigest();
        digest.update(bytes, 0, length);
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }
}
