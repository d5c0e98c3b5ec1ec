package dev.narthex.store;

import dev.narthex.nix.NarListing;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.Optional;

/**
 * Links an uploaded NAR. Between any two statements another upload may link the same NAR, or a sweep may delete the row that was
 * found. Row locks serialize them, so {@link #link} tries to insert a row, then to lock an existing one, at most twice.
 */
final class TransactionalStagedNar implements StagedNar {
    private final NarRows rows;
    private final PackLeases packs;
    private final ChunkIndex chunkIndex;
    private final TransactionSynchronizationRegistry transactions;
    private final NarRows.NarDescription description;
    private final NarListing listing;
    private final Optional<PackAssembler.AssembledNar> assembled;
    private volatile boolean committed;

    /** @param assembled empty if the same NAR was already stored */
    TransactionalStagedNar(
            Collaborators collaborators,
            NarRows.NarDescription description,
            NarListing listing,
            Optional<PackAssembler.AssembledNar> assembled) {
        this.rows = collaborators.rows;
        this.packs = collaborators.packs;
        this.chunkIndex = collaborators.chunkIndex;
        this.transactions = collaborators.transactions;
        this.description = description;
        this.listing = listing;
        this.assembled = assembled;
    }

    /** The collaborators of a staged NAR, grouped to keep the constructor short. */
    record Collaborators(
            NarRows rows, PackLeases packs, ChunkIndex chunkIndex, TransactionSynchronizationRegistry transactions) {}

    @Override
    public NixHash narHash() {
        return description.narHash();
    }

    @Override
    public long narSize() {
        return description.narSize();
    }

    @Override
    public NarListing listing() {
        return listing;
    }

    @Override
    public long link() {
        if (transactions.getTransactionStatus() != Status.STATUS_ACTIVE) {
            throw new IllegalStateException("link outside of a transaction");
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            var inserted = assembled.flatMap(nar -> rows.insert(description, nar));
            if (inserted.isPresent()) {
                transactions.registerInterposedSynchronization(new CommitListener());
                return inserted.get();
            }
            var existing = rows.lockShared(description.domainId(), description.narHash());
            if (existing.isPresent()) {
                return existing.get();
            }
        }
        throw Problem.unavailable("The NAR was removed while it was sent again. Send it once more.", 1);
    }

    @Override
    public void close() {
        if (committed) {
            assembled.ifPresent(nar -> chunkIndex.addHints(description.domainId(), nar.packs()));
        } else {
            assembled.ifPresent(nar -> nar.packs().forEach(pack -> packs.discard(pack.pack())));
        }
    }

    /**
     * Records whether the transaction was committed, so that {@link #close} needs no query to decide whether to discard the
     * packs.
     */
    private final class CommitListener implements Synchronization {
        @Override
        public void beforeCompletion() {}

        @Override
        public void afterCompletion(int status) {
            committed = status == Status.STATUS_COMMITTED;
        }
    }
}
