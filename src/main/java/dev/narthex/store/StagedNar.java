package dev.narthex.store;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;

/** A NAR whose bytes are durable but that no database row refers to yet. Not thread-safe. Must be closed. */
public interface StagedNar extends AutoCloseable {
    /** SHA-256 of the uncompressed archive. */
    NixHash narHash();

    /** Size of the uncompressed archive in bytes. */
    long narSize();

    NarListing listing();

    /**
     * Makes the NAR part of the store within the caller's open transaction, or finds the same NAR there. Either way, it cannot
     * be garbage-collected before the transaction ends. The caller must add a reference to the NAR in the same transaction.
     *
     * @return the id of the NAR
     * @throws dev.narthex.problem.ProblemException {@code Unavailable} if the bytes were deleted in the meantime; the caller
     *     must roll back, and the client must send the NAR again
     */
    long link();

    /** Deletes the staged bytes unless a transaction that linked them was committed. */
    @Override
    void close();
}
