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
final class SharedListingParser {
    /** Compressed size in bytes; about 10,000 files. */
    private static final int MIN_SHARED_BYTES = 64 * 1024;

    private final Map<Long, WeakReference<NarListing>> sharedListings = new ConcurrentHashMap<>();
    private final ReentrantLock largeListingLock = new ReentrantLock(true);

    /** @param compressed the stored listing of this NAR */
    NarListing getOrParse(long narId, byte[] compressed) throws IOException {
        if (compressed.length < MIN_SHARED_BYTES) {
            return parse(compressed);
        }
        largeListingLock.lock();
        try {
            var cached = sharedListings
                    .getOrDefault(narId, new WeakReference<>(null))
                    .get();
            if (cached != null) {
                return cached;
            }
            var listing = parse(compressed);
            sharedListings.values().removeIf(reference -> reference.refersTo(null));
            sharedListings.put(narId, new WeakReference<>(listing));
            return listing;
        } finally {
            largeListingLock.unlock();
        }
    }

    private static NarListing parse(byte[] compressed) throws IOException {
        try (var json = new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(compressed))) {
            return NarListing.parse(new String(json.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
