package dev.narthex.store;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.HashAlgorithm;
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
public class Scrub {
    private static final Duration STEP = Duration.ofSeconds(50);
    /** Longer than reading a pack takes. If the process dies, the pack is not checked by others for this long. */
    private static final Duration HOLD = Duration.ofMinutes(15);

    private static final long SLOWEST = 64 * 1024;
    /** Maximum uncompressed bytes of inline NARs per step. */
    private static final long MOST_IN_ROWS = 256 << 20;

    private static final int TRIES = 5;
    private static final int OTHERS = 20;
    private static final int BUFFER = 64 * 1024;
    private static final int BEFORE_THE_QUEUE_STOPS = 1;

    private final ScrubRows rows;
    private final Backends backends;
    private final ScrubConfig config;
    private final AtomicBoolean ended = new AtomicBoolean();

    Scrub(ScrubRows rows, Backends backends, ScrubConfig config) {
        this.rows = rows;
        this.backends = backends;
        this.config = config;
    }

    void stop(@Observes @Priority(BEFORE_THE_QUEUE_STOPS) ShutdownEvent end) {
        ended.set(true);
    }

    /** Schedules a verification of everything, including damaged packs. Runs within the caller's transaction. */
    public void want() {
        rows.want();
    }

    /**
     * Runs one step: checks what is due, for about a minute at most.
     *
     * @return the number of NARs that were marked as damaged
     */
    public int run() {
        long end = System.nanoTime() + STEP.toNanos();
        rows.beginDay(days());
        int lost = 0;
        try (var check = new PackCheck(pace())) {
            lookAtSizes();
            lost += lookAtRows();
            for (var next = next(); next.isPresent(); next = next()) {
                lost += look(next.get(), check);
                if (System.nanoTime() > end) {
                    break;
                }
            }
        } catch (InterruptedIOException e) {
            Log.debug("checks go on after the next start");
        } catch (IOException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return lost;
    }

    private Pace pace() {
        return new Pace(Math.max(SLOWEST, config.bytesPerSecond().asLongValue()), ended);
    }

    private int days() {
        return Math.max(1, config.days());
    }

    private Optional<ScrubRows.Claim> next() {
        return ended.get() ? Optional.empty() : rows.claimLive(HOLD).or(() -> rows.claimDamaged(HOLD));
    }

    /** Compares pack sizes. A pack of the wrong size is queued to be read next, which finds the cause. */
    private void lookAtSizes() throws IOException {
        for (var pack : rows.sizesDue(config.sizeDays())) {
            if (backends.of(pack.backend()).size(pack.key()).orElse(-1) != pack.bytes()) {
                rows.doubt(pack.id());
            }
        }
    }

    /**
     * Checks a pack.
     *
     * @return the number of NARs that were marked as damaged
     * @throws IOException if the backend, not the pack, is at fault
     */
    private int look(ScrubRows.Claim pack, PackCheck check) throws IOException {
        try {
            read(pack, check);
            rows.whole(pack);
            return 0;
        } catch (InterruptedIOException e) {
            throw e;
        } catch (NoSuchFileException e) {
            requireOthers(pack);
            return lost(pack, "it is not there");
        } catch (DamagedException e) {
            return lost(pack, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            Log.warnf(e, "pack %s cannot be read", pack.key().path());
            requireOthers(pack);
            return rows.unread(pack) < TRIES ? 0 : lost(pack, "it cannot be read: " + e.getMessage());
        }
    }

    /** Reads a pack again if it seems damaged: the error may have come from memory or the network. */
    private void read(ScrubRows.Claim pack, PackCheck check) throws IOException {
        try {
            readOnce(pack, check);
        } catch (DamagedException e) {
            Log.warnf("pack %s: %s; reading it once more", pack.key().path(), e.getMessage());
            readOnce(pack, check);
        }
    }

    private void readOnce(ScrubRows.Claim pack, PackCheck check) throws IOException {
        var backend = backends.of(pack.backend());
        long size = backend.size(pack.key())
                .orElseThrow(() -> new NoSuchFileException(pack.key().path()));
        if (size != pack.bytes()) {
            throw new DamagedException("it has " + size + " bytes in place of " + pack.bytes());
        }
        check.check(new PackContent(backend, pack.key(), size), pack.crc32c());
    }

    private void requireOthers(ScrubRows.Claim pack) throws IOException {
        var others = rows.others(pack, OTHERS);
        for (var other : others) {
            if (backends.of(pack.backend()).size(other).isPresent()) {
                return;
            }
        }
        if (!others.isEmpty()) {
            throw new IOException(
                    "Of the newest packs none is in the store. Is its disk mounted, is it the right bucket?"
                            + " Nothing was given up.");
        }
    }

    private int lost(ScrubRows.Claim pack, String damage) {
        int lost = rows.damaged(pack, damage);
        Log.errorf(
                "pack %s is damaged: %s. NARs not served until their paths are pushed again with nix copy --refresh: %d",
                pack.key().path(), damage, lost);
        return lost;
    }

    private int lookAtRows() throws InterruptedIOException {
        var batch = rows.inline(days());
        if (batch.isEmpty()) {
            return 0;
        }
        var pace = pace();
        var looked = new ArrayList<ScrubRows.Inline>();
        var damaged = new ArrayList<ScrubRows.Inline>();
        long bytes = 0;
        for (var nar : batch.get().nars()) {
            if (!whole(nar, pace)) {
                damaged.add(nar);
            }
            looked.add(nar);
            bytes += nar.narSize();
            if (bytes > MOST_IN_ROWS) {
                break;
            }
        }
        return rows.looked(batch.get(), looked, damaged);
    }

    /** Decompresses as a stream: an inline NAR can be large when uncompressed. */
    private static boolean whole(ScrubRows.Inline nar, Pace pace) throws InterruptedIOException {
        var sha256 = HashAlgorithm.SHA256.digest();
        var buffer = new byte[BUFFER];
        long size = 0;
        try (var in = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(nar.frames()))) {
            for (int n = in.read(buffer); n >= 0 && size <= nar.narSize(); n = in.read(buffer)) {
                sha256.update(buffer, 0, n);
                size += n;
                pace.took(n);
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
