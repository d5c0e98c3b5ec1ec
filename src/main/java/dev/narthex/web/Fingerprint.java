package dev.narthex.web;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.nix.NixHash;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What tells files of one size apart, without keeping them: digests of their first bytes.
 *
 * @param bytes SHA-256 of them as they are
 * @param masked SHA-256 of them without hash parts of store paths that the tree refers to; the same if there are none
 * @param whole whether that is the file to its end
 */
record Fingerprint(NixHash bytes, NixHash masked, boolean whole) {
    /** As far as a file is read: builds that differ mostly do so at the front. */
    private static final int READ = 4 << 20;

    /** Of all files of a tree together; what lies behind that has none. */
    private static final long READ_OF_ALL = 128L << 20;

    /** Of those files that are within the bounds. */
    static Map<Entry.Regular, Fingerprint> of(FileTree tree, Collection<Entry.Regular> files, HashMask mask)
            throws IOException {
        var prints = new HashMap<Entry.Regular, Fingerprint>();
        var buffer = new byte
                [(int) files.stream()
                        .mapToLong(file -> Math.min(READ, file.size()))
                        .max()
                        .orElse(0)];
        tree.visit(files, READ_OF_ALL, (file, in) -> {
            int length = in.readNBytes(buffer, 0, (int) Math.min(READ, file.size()));
            var bytes = digest(buffer, length);
            var masked = mask.mask(buffer, length) ? digest(buffer, length) : bytes;
            prints.put(file, new Fingerprint(bytes, masked, length == file.size()));
        });
        return prints;
    }

    private static NixHash digest(byte[] bytes, int length) {
        var digest = HashAlgorithm.SHA256.digest();
        digest.update(bytes, 0, length);
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }
}
