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
final class StagedNar implements Staged {
    private final NarRows rows;
    private final Packs packs;
    private final Sharing sharing;
    private final TransactionSynchronizationRegistry transactions;
    private final NarRows.Facts facts;
    private final NarListing listing;
    private final Optional<Packing.Packed> packed;
    private volatile boolean live;

    /** @param packed empty if the same NAR was already stored */
    StagedNar(Parts parts, NarRows.Facts facts, NarListing listing, Optional<Packing.Packed> packed) {
        this.rows = parts.rows;
        this.packs = parts.packs;
        this.sharing = parts.sharing;
        this.transactions = parts.transactions;
        this.facts = facts;
        this.listing = listing;
        this.packed = packed;
    }

    /** The collaborators of a staged NAR, grouped to keep the constructor short. */
    record Parts(NarRows rows, Packs packs, Sharing sharing, TransactionSynchronizationRegistry transactions) {}

    @Override
    public NixHash narHash() {
        return facts.narHash();
    }

    @Override
    public long narSize() {
        return facts.narSize();
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
            var made = packed.flatMap(p -> rows.insert(facts, p));
            if (made.isPresent()) {
                transactions.registerInterposedSynchronization(new Outcome());
                return made.get();
            }
            var found = rows.share(facts.domainId(), facts.narHash());
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new Problem.Unavailable("The NAR was removed while it was sent again. Send it once more.", 1)
                .asException();
    }

    @Override
    public void close() {
        if (live) {
            packed.ifPresent(p -> sharing.learn(facts.domainId(), p.packs()));
        } else {
            packed.ifPresent(p -> p.packs().forEach(w -> packs.discard(w.pack())));
        }
    }

    /**
     * Records whether the transaction was committed, so that {@link #close} needs no query to decide whether to discard the
     * packs.
     */
    private final class Outcome implements Synchronization {
        @Override
        public void beforeCompletion() {}

        @Override
        public void afterCompletion(int status) {
            live = status == Status.STATUS_COMMITTED;
        }
    }
}
