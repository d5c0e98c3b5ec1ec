package dev.narthex.store;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;

/** A NAR whose bytes are durable and which no row names yet. To be used by one thread, and closed. */
public interface Staged extends AutoCloseable {
    /** SHA-256 of the uncompressed archive. */
    NixHash narHash();

    /** In bytes, uncompressed. */
    long narSize();

    NarListing listing();

    /**
     * Makes the NAR part of the store within the caller's open transaction, or finds the same NAR there; either way it
     * cannot be collected before the transaction ends. Whoever calls it makes something refer to the NAR in the same
     * transaction.
     *
     * @return the id of the NAR
     * @throws dev.narthex.problem.ProblemException {@code Unavailable} if the bytes were given up meanwhile: the transaction
     *     must be rolled back and the NAR be sent again
     */
    long link();

    /** Removes the bytes unless a link was committed. */
    @Override
    void close();
}
