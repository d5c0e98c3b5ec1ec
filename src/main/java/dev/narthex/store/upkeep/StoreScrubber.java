package dev.narthex.store.upkeep;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackContent;
import io.quarkus.logging.Log;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Verifies stored bytes before they are needed. Every pack is read once in some months, a share of them each day; the pack
 * with the oldest verification is next. Pack sizes are checked more often, and NARs stored in rows are verified too. Packs that
 * a reader found damaged are checked before all others.
 *
 * <p>A damaged pack is closed to new references and its NARs are not served; the next push of the same bytes repairs them. To
 * avoid giving up intact bytes, damage must be seen in two reads, and a pack counts as missing only if others are found in the
 * same backend, since an unmounted disk has none. A pack that cannot be read is retried for hours first.
 *
 * <p>Any process may run a step at any time. No transaction or lock is held while bytes are read, so an interrupted step only
 * means that one pack is read again a little later.
 */
@ApplicationScoped
public class StoreScrubber {
    private static final Duration MAX_STEP_DURATION = Duration.ofSeconds(50);
    /** Longer than reading a pack takes. If the process dies, the pack is not checked by others for this long. */
    private static final Duration CLAIM_TTL = Duration.ofMinutes(15);

    private static final long MIN_BYTES_PER_SECOND = 64 * 1024;
    /** Maximum uncompressed bytes of inline NARs per step. */
    private static final long MAX_INLINE_BYTES = 256 << 20;

    private static final int MAX_READ_ATTEMPTS = 5;
    private static final int MAX_OTHER_PACKS = 20;
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int PRIORITY_BEFORE_JOB_QUEUE = 1;

    private final ScrubRows rows;
    private final ConfiguredBackends backends;
    private final ScrubConfig config;
    private final AtomicBoolean stopping = new AtomicBoolean();

    public StoreScrubber(ScrubRows rows, ConfiguredBackends backends, ScrubConfig config) {
        this.rows = rows;
        this.backends = backends;
        this.config = config;
    }

    void stop(@Observes @Priority(PRIORITY_BEFORE_JOB_QUEUE) ShutdownEvent event) {
        stopping.set(true);
    }

    /** Schedules a verification of everything, including damaged packs. Runs within the caller's transaction. */
    public void requestFullVerification() {
        rows.requestFullVerification();
    }

    /**
     * Runs one step: checks what is due, for about a minute at most.
     *
     * @return the number of NARs that were marked as damaged
     */
    public int run() {
        long deadline = System.nanoTime() + MAX_STEP_DURATION.toNanos();
        rows.startDayIfDue(days());
        int damagedNars = 0;
        try (var verifier = new PackVerifier(newRateLimit())) {
            checkSizes();
            damagedNars += checkInlineNars();
            for (var claim = claimNext(); claim.isPresent(); claim = claimNext()) {
                damagedNars += checkPack(claim.get(), verifier);
                if (System.nanoTime() > deadline) {
                    break;
                }
            }
        } catch (InterruptedIOException e) {
            Log.debug("checks go on after the next start");
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return damagedNars;
    }

    private ReadRateLimit newRateLimit() {
        return new ReadRateLimit(
                Math.max(MIN_BYTES_PER_SECOND, config.bytesPerSecond().asLongValue()), stopping);
    }

    private int days() {
        return Math.max(1, config.days());
    }

    private Optional<ScrubRows.ClaimedPack> claimNext() {
        return stopping.get() ? Optional.empty() : rows.claimLive(CLAIM_TTL).or(() -> rows.claimDamaged(CLAIM_TTL));
    }

    /** Compares pack sizes. A pack of the wrong size is queued to be read next, which finds the cause. */
    private void checkSizes() throws IOException {
        for (var pack : rows.claimSizeChecks(config.sizeDays())) {
            if (backends.getByNumber(pack.backend()).size(pack.key()).orElse(-1) != pack.bytes()) {
                rows.markSuspect(pack.id());
            }
        }
    }

    /**
     * Checks a pack.
     *
     * @return the number of NARs that were marked as damaged
     * @throws IOException if the backend, not the pack, is at fault
     */
    private int checkPack(ScrubRows.ClaimedPack pack, PackVerifier verifier) throws IOException {
        try {
            verifyWithRetry(pack, verifier);
            rows.markIntact(pack);
            return 0;
        } catch (InterruptedIOException e) {
            throw e;
        } catch (NoSuchFileException e) {
            requireOtherPacks(pack);
            return markDamaged(pack, "it is not there");
        } catch (DamagedException e) {
            return markDamaged(pack, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            Log.warnf(e, "pack %s cannot be read", pack.key().path());
            requireOtherPacks(pack);
            return rows.postpone(pack) < MAX_READ_ATTEMPTS
                    ? 0
                    : markDamaged(pack, "it cannot be read: " + e.getMessage());
        }
    }

    /** Reads a pack again if it seems damaged: the error may have come from memory or the network. */
    private void verifyWithRetry(ScrubRows.ClaimedPack pack, PackVerifier verifier) throws IOException {
        try {
            verify(pack, verifier);
        } catch (DamagedException e) {
            Log.warnf("pack %s: %s; reading it once more", pack.key().path(), e.getMessage());
            verify(pack, verifier);
        }
    }

    private void verify(ScrubRows.ClaimedPack pack, PackVerifier verifier) throws IOException {
        var backend = backends.getByNumber(pack.backend());
        long size = backend.size(pack.key())
                .orElseThrow(() -> new NoSuchFileException(pack.key().path()));
        if (size != pack.bytes()) {
            throw new DamagedException("it has " + size + " bytes in place of " + pack.bytes());
        }
        verifier.verify(new PackContent(backend, pack.key(), size), pack.crc32c());
    }

    private void requireOtherPacks(ScrubRows.ClaimedPack pack) throws IOException {
        var otherPacks = rows.listOtherPacks(pack, MAX_OTHER_PACKS);
        for (var otherPack : otherPacks) {
            if (backends.getByNumber(pack.backend()).size(otherPack).isPresent()) {
                return;
            }
        }
        if (!otherPacks.isEmpty()) {
            throw new IOException(
                    "None of the newest packs is in the store. Is its disk mounted, and is it the right bucket?"
                            + " Nothing was given up.");
        }
    }

    private int markDamaged(ScrubRows.ClaimedPack pack, String damage) {
        int damagedNars = rows.markDamaged(pack, damage);
        Log.errorf(
                "pack %s is damaged: %s. NARs not served until their paths are pushed again with nix copy --refresh: %d",
                pack.key().path(), damage, damagedNars);
        return damagedNars;
    }

    private int checkInlineNars() throws InterruptedIOException {
        var batch = rows.nextInlineBatch(days());
        if (batch.isEmpty()) {
            return 0;
        }
        var rateLimit = newRateLimit();
        var checked = new ArrayList<ScrubRows.InlineNar>();
        var damaged = new ArrayList<ScrubRows.InlineNar>();
        long bytes = 0;
        for (var nar : batch.get().nars()) {
            if (!isIntact(nar, rateLimit)) {
                damaged.add(nar);
            }
            checked.add(nar);
            bytes += nar.narSize();
            if (bytes > MAX_INLINE_BYTES) {
                break;
            }
        }
        return rows.recordInlineProgress(batch.get(), checked, damaged);
    }

    /** Decompresses as a stream: an inline NAR can be large when uncompressed. */
    private static boolean isIntact(ScrubRows.InlineNar nar, ReadRateLimit rateLimit) throws InterruptedIOException {
        var sha256 = HashAlgorithm.SHA256.newDigest();
        var buffer = new byte[BUFFER_BYTES];
        long size = 0;
        try (var in = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(nar.frames()))) {
            for (int count = in.read(buffer); count >= 0 && size <= nar.narSize(); count = in.read(buffer)) {
                sha256.update(buffer, 0, count);
                size += count;
                rateLimit.recordRead(count);
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            Log.errorf("nar %d in its row is damaged: %s", nar.id(), e.getMessage());
            return false;
        }
        return size == nar.narSize() && MessageDigest.isEqual(sha256.digest(), nar.narHash());
    }
}
