package dev.narthex.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import dev.narthex.nix.NarListing;
import dev.narthex.nix.NarListing.Entry;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

class ListingsTest {
    private final SharedListingParser listings = new SharedListingParser();

    @Test
    void concurrentReadersShareALargeListing() throws IOException {
        var zstd = compressedListing(20_000);
        var first = listings.getOrParse(1, zstd);
        assertSame(first, listings.getOrParse(1, zstd));
        assertNotSame(first, listings.getOrParse(2, zstd));
        assertEquals(20_000, first.files().size());
    }

    @Test
    void smallListingsAreReadDirectly() throws IOException {
        var zstd = compressedListing(10);
        var first = listings.getOrParse(1, zstd);
        assertNotSame(first, listings.getOrParse(1, zstd));
        assertEquals(first, listings.getOrParse(1, zstd));
    }

    @Test
    void largeListingTakesAndReturnsAPermit() {
        var permits = new Semaphore(1);
        try (var limit = new ListingMemoryLimit(16 << 20, permits)) {
            limit.reserve(1000);
            assertEquals(1, permits.availablePermits());
            limit.reserve(5 << 20);
            limit.reserve(5 << 20);
            assertEquals(0, permits.availablePermits());
        }
        assertEquals(1, permits.availablePermits());
    }

    @Test
    void listingOverTheLimitIsRefused() {
        try (var limit = new ListingMemoryLimit(1 << 20, new Semaphore(1))) {
            var error = assertThrows(ProblemException.class, () -> limit.reserve(2 << 20));
            assertEquals(Problem.TooLarge.class, error.problem().getClass());
        }
    }

    private static byte[] compressedListing(int files) {
        var random = new Random(1);
        var entries = new TreeMap<String, Entry>();
        for (int i = 0; i < files; i++) {
            entries.put("file-" + i + "-" + Long.toHexString(random.nextLong()), new Entry.Regular(false, i, i));
        }
        var json = new NarListing(new Entry.Directory(entries)).json();
        return Zstd.compress(json.getBytes(StandardCharsets.UTF_8));
    }
}
