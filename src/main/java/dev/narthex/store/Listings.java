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
 * Parses listings. A listing of a few hundred thousand files takes 100 MiB of memory, and anyone who can read the cache can
 * request it as often as they like. Large listings are therefore parsed one at a time, and a parsed one is shared while anyone
 * uses it. Small listings, nearly all, are parsed without a lock. Thread-safe.
 */
final class Listings {
    /** Compressed size in bytes; about 10,000 files. */
    private static final int LARGE = 64 * 1024;

    private final Map<Long, WeakReference<NarListing>> shared = new ConcurrentHashMap<>();
    private final ReentrantLock turn = new ReentrantLock(true);

    /** @param zstd the stored listing of this NAR */
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
