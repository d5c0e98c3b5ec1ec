package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarVisitor;
import dev.narthex.nix.NixHash;
import dev.narthex.store.pack.NarChunker;
import java.io.IOException;
import java.security.MessageDigest;

/** Processes a NAR in a single pass: computes its hash, builds its listing and cuts it into chunks. */
final class NarIngest implements NarVisitor {
    private final NarChunker chunker;
    private final ListingMemoryLimit memoryLimit;
    private final MessageDigest sha256 = HashAlgorithm.SHA256.newDigest();
    private final NarListing.Builder listing = new NarListing.Builder();

    NarIngest(NarChunker chunker, ListingMemoryLimit memoryLimit) {
        this.chunker = chunker;
        this.memoryLimit = memoryLimit;
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
        chunker.raw(bytes, from, count);
    }

    @Override
    public void directory(byte[] name, int depth) {
        memoryLimit.reserve(name.length);
        listing.directory(name, depth);
    }

    @Override
    public void regular(byte[] name, int depth, boolean executable, long size, long offset) throws IOException {
        memoryLimit.reserve(name.length);
        listing.regular(name, depth, executable, size, offset);
        chunker.regular(name, depth, executable, size, offset);
    }

    @Override
    public void endRegular() throws IOException {
        chunker.endRegular();
    }

    @Override
    public void symlink(byte[] name, int depth, byte[] target) {
        memoryLimit.reserve(name.length + target.length);
        listing.symlink(name, depth, target);
    }

    @Override
    public void endDirectory() {
        listing.endDirectory();
    }
}
