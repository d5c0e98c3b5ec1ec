package dev.narthex.store;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.nix.NarListing;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads listings. That of a few hundred thousand files takes 100 MiB in memory, and whoever may read a cache can ask for it
 * as often as he likes: so large ones are read one after the other, and those who want the same one at the same time share
 * it. Small ones, nearly all, are just read.
 */
final class Listings {
    /** Compressed bytes: about 10,000 files. */
    private static final int LARGE = 64 * 1024;

    private final Map<Long, WeakReference<NarListing>> shared = new ConcurrentHashMap<>();
    private final ReentrantLock turn = new ReentrantLock(true);

    /** @param zstd the listing of this NAR as it is stored */
    NarListing read(long narId, byte[] zstd) throws IOException {
        if (zstd.length < LARGE) {
            return parse(zstd);
        }
        turn.lock();
        try {
            var known = shared.getOrDefault(narId, new WeakReference<>(null)).get();
            if (known != null) {
                return known;
            }
            var listing = parse(zstd);
            shared.values().removeIf(gone -> gone.refersTo(null));
            shared.put(narId, new WeakReference<>(listing));
            return listing;
        } finally {
            turn.unlock();
        }
    }

    private static NarListing parse(byte[] zstd) throws IOException {
        try (var json = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(zstd))) {
            return NarListing.parse(new String(json.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
