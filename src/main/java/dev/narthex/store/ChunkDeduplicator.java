package dev.narthex.store;

import dev.narthex.store.pack.PackChunks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Deduplicates the chunks of a NAR against the packs of its domain. Frames are buffered up to a few MiB; then packs that
 * contain some of the chunks are looked up, and each frame becomes either a reference to one of those packs or part of a new
 * pack.
 *
 * <p>A NAR in a single pack is cheaper to serve than an assembled NAR. A NAR therefore starts to share chunks only if that saves
 * a tenth of it or 4 MiB. If it is longer than the buffer, its size is not known yet, and half of the buffered bytes must be
 * stored already. After that it shares every chunk that it can.
 */
final class ChunkDeduplicator implements ParallelCompressor.FrameSink {
    /** Maximum size of buffered frames in bytes. */
    private static final int WINDOW_BYTES = 2 << 20;

    private static final int MAX_WINDOW_CHUNKS = 256;

    /** A NAR that fits into one window starts to share if at least 1/10 of its bytes can be shared. */
    private static final int SINGLE_WINDOW_DIVISOR = 10;

    /** If this many bytes could have been shared, the NAR starts to share regardless of the fraction. */
    private static final long MIN_SHAREABLE_BYTES = 4 << 20;

    private static final int MAX_PACKS = 16;

    private final ChunkIndex chunkIndex;
    private final DedupDomains.Domain domain;
    private final PackAssembler assembler;

    /** Newest first: chunks that were uploaded together are stored together there. */
    private final TreeMap<Long, PackChunks> packs = new TreeMap<>(Comparator.reverseOrder());

    private final List<FrameCompressor.Frame> buffered = new ArrayList<>();
    private int bufferedBytes;
    private boolean firstWindow = true;
    private long shareableBytes;
    private boolean sharingStarted;

    /** Packs that the NAR shares; empty until sharing starts. Read by the compressor threads. */
    private volatile List<PackChunks> sharedPacks = List.of();

    ChunkDeduplicator(ChunkIndex chunkIndex, DedupDomains.Domain domain, PackAssembler assembler) {
        this.chunkIndex = chunkIndex;
        this.domain = domain;
        this.assembler = assembler;
    }

    /** The position of a chunk in a pack. */
    private record ChunkLocation(PackChunks pack, int ordinal) {
        int compressedLength() {
            return pack.compressedLength(ordinal);
        }
    }

    @Override
    public boolean isStored(byte[] sha256) {
        return sharedPacks.stream().anyMatch(pack -> pack.find(sha256).isPresent());
    }

    @Override
    public void acceptFrame(FrameCompressor.Frame frame) throws IOException {
        buffered.add(frame);
        bufferedBytes += frame.length();
        if (bufferedBytes >= WINDOW_BYTES || buffered.size() == MAX_WINDOW_CHUNKS) {
            flushWindow(2);
        }
    }

    @Override
    public void finish() throws IOException {
        if (firstWindow && bufferedBytes <= PackWriter.INLINE_BYTES) {
            for (var frame : buffered) {
                assembler.addFrame(frame);
            }
        } else {
            flushWindow(firstWindow ? SINGLE_WINDOW_DIVISOR : 2);
        }
    }

    /**
     * Decides whether to share and passes on all buffered frames.
     *
     * @param divisor the NAR starts to share if at least one in {@code divisor} buffered bytes is already stored
     */
    private void flushWindow(int divisor) throws IOException {
        lookUpPacks();
        var locations = locateChunks();
        long storedBytes = locations.stream()
                .flatMap(Optional::stream)
                .mapToLong(ChunkLocation::compressedLength)
                .sum();
        shareableBytes += storedBytes;
        sharingStarted |= storedBytes > PackWriter.INLINE_BYTES
                && (storedBytes * divisor >= bufferedBytes || shareableBytes >= MIN_SHAREABLE_BYTES);
        for (int index = 0; index < buffered.size(); index++) {
            var location = locations.get(index);
            if (sharingStarted && location.isPresent()) {
                assembler.addSharedFrame(location.get().pack, location.get().ordinal);
            } else {
                assembler.addFrame(buffered.get(index));
            }
        }
        sharedPacks = sharingStarted ? List.copyOf(packs.values()) : List.of();
        buffered.clear();
        bufferedBytes = 0;
        firstWindow = false;
    }

    /**
     * Looks up packs for the sampled chunks that no known pack contains. The very first chunk is always looked up, because the
     * first chunk of every pack is indexed.
     */
    private void lookUpPacks() {
        var sampledChunks = new ArrayList<byte[]>();
        for (int index = 0; index < buffered.size(); index++) {
            var sha256 = buffered.get(index).sha256();
            if ((firstWindow && index == 0 || ChunkIndex.isSampled(sha256))
                    && findChunk(sha256, null).isEmpty()) {
                sampledChunks.add(sha256);
            }
        }
        chunkIndex
                .findPacks(domain.id(), sampledChunks, packs.keySet(), MAX_PACKS - packs.size())
                .forEach(pack -> packs.put(pack.id(), pack));
    }

    private List<Optional<ChunkLocation>> locateChunks() {
        var locations = new ArrayList<Optional<ChunkLocation>>();
        ChunkLocation previous = null;
        for (var frame : buffered) {
            var location = findChunk(frame.sha256(), previous);
            locations.add(location);
            previous = location.orElse(previous);
        }
        return locations;
    }

    /** Prefers the chunk that follows {@code previous} in the same pack: consecutive chunks are read in one request. */
    private Optional<ChunkLocation> findChunk(byte[] sha256, @Nullable ChunkLocation previous) {
        if (previous != null && previous.pack.hasChunkAt(previous.ordinal + 1, sha256)) {
            return Optional.of(new ChunkLocation(previous.pack, previous.ordinal + 1));
        }
        for (var pack : packs.values()) {
            OptionalInt ordinal = pack.find(sha256);
            if (ordinal.isPresent()) {
                return Optional.of(new ChunkLocation(pack, ordinal.getAsInt()));
            }
        }
        return Optional.empty();
    }
}
