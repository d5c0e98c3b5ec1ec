package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarHandler;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import java.io.IOException;
import java.security.MessageDigest;

/** Everything that is done with a NAR in the one pass over it: hash, listing, chunks. */
final class Intake implements NarHandler {
    /** What an entry of a listing takes in memory besides its name: measured at about 150 bytes. */
    private static final int ENTRY_BYTES = 160;

    private final Cutter cutter;
    private final long maxListing;
    private final MessageDigest sha256 = HashAlgorithm.SHA256.digest();
    private final NarListing.Builder listing = new NarListing.Builder();
    private long listingBytes;

    /** @param maxListing in bytes of memory: a NAR of a million empty files is small, its listing is not */
    Intake(Cutter cutter, long maxListing) {
        this.cutter = cutter;
        this.maxListing = maxListing;
    }

    NixHash hash() {
        return NixHash.of(HashAlgorithm.SHA256, sha256.digest());
    }

    NarListing listing() {
        return listing.build();
    }

    @Override
    public void raw(byte[] bytes, int from, int count) throws IOException {
        sha256.update(bytes, from, count);
        cutter.raw(bytes, from, count);
    }

    @Override
    public void directory(byte[] name, int depth) {
        weigh(name.length);
        listing.directory(name, depth);
    }

    @Override
    public void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {
        weigh(name.length);
        listing.regular(name, depth, executable, size, offset);
        cutter.regular(name, depth, executable, size, offset);
    }

    @Override
    public void endRegular() throws IOException {
        cutter.endRegular();
    }

    @Override
    public void symlink(byte[] name, int depth, byte[] target) {
        weigh(name.length + target.length);
        listing.symlink(name, depth, target);
    }

    @Override
    public void endDirectory() {
        listing.endDirectory();
    }

    private void weigh(int text) {
        listingBytes += ENTRY_BYTES + text;
        if (listingBytes > maxListing) {
            throw new Problem.TooLarge("NAR", "The NAR has so many files that its listing does not fit into memory.")
                    .asException();
        }
    }
}
