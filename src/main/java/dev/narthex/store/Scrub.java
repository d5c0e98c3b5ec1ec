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
 * Looks whether the bytes are still those that were written, before somebody needs them. Every pack is read once in some
 * months, a share of them each day, the one first that was not read for longest; its size is looked at more often; NARs in
 * rows are gone over too. What a reader stumbled over comes first.
 *
 * <p>What is damaged is given up: the pack is closed, its NARs are not served, and the next push of the same bytes repairs
 * them. That must not happen to bytes that are there: damage is read twice, and a pack is believed to be missing only if
 * others are found, since a disk that is not mounted has none. A pack that cannot be read is tried again for hours first.
 *
 * <p>Any process may take a step at any time. Nothing is held while bytes are read, so a step that is cut short leaves
 * nothing but a pack that is read again a little later.
 */
@ApplicationScoped
public class Scrub {
    private static final Duration STEP = Duration.ofSeconds(50);
    /** Above the time that reading one pack takes. A process that dies leaves it for so long. */
    private static final Duration HOLD = Duration.ofMinutes(15);

    private static final long SLOWEST = 64 * 1024;
    /** Uncompressed, in one step. */
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

    /** Has all that is stored read again, soon, and damaged packs too. Within the caller's transaction. */
    public void want() {
        rows.want();
    }

    /**
     * One step: about a minute of what is due, or less.
     *
     * @return how many NARs were given up
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

    /** One that is not as its row says is read next, which tells why. */
    private void lookAtSizes() throws IOException {
        for (var pack : rows.sizesDue(config.sizeDays())) {
            if (backends.of(pack.backend()).size(pack.key()).orElse(-1) != pack.bytes()) {
                rows.doubt(pack.id());
            }
        }
    }

    /** @throws IOException if it is not the pack that is at fault */
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

    /** Once more if it seems damaged: a wrong bit may come from memory, or from the way. */
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

    /** Small in its row, it may still be large: it is never in memory as a whole. */
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
