package dev.narthex.store;

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
final class Matching implements Pressing.Frames {
    /** Maximum size of buffered frames in bytes. */
    private static final int WINDOW = 2 << 20;

    private static final int WINDOW_CHUNKS = 256;

    /** A NAR that fits into one window starts to share if at least 1/10 of its bytes can be shared. */
    private static final int LEAST_PART = 10;

    /** If this many bytes could have been shared, the NAR starts to share regardless of the fraction. */
    private static final long MUCH = 4 << 20;

    private static final int MOST_PACKS = 16;

    private final Sharing sharing;
    private final Domains.Domain domain;
    private final Packing packing;

    /** Newest first: chunks that were uploaded together are stored together there. */
    private final TreeMap<Long, PackChunks> packs = new TreeMap<>(Comparator.reverseOrder());

    private final List<Press.Frame> waiting = new ArrayList<>();
    private int bytes;
    private boolean first = true;
    private long missed;
    private boolean shares;

    /** Packs that the NAR shares; empty until sharing starts. Read by the compressor threads. */
    private volatile List<PackChunks> shared = List.of();

    Matching(Sharing sharing, Domains.Domain domain, Packing packing) {
        this.sharing = sharing;
        this.domain = domain;
        this.packing = packing;
    }

    /** The position of a chunk in a pack. */
    private record Place(PackChunks pack, int ordinal) {
        int bytes() {
            return pack.compressed(ordinal);
        }
    }

    @Override
    public boolean has(byte[] sha256) {
        return shared.stream().anyMatch(pack -> pack.find(sha256).isPresent());
    }

    @Override
    public void frame(Press.Frame frame) throws IOException {
        waiting.add(frame);
        bytes += frame.length();
        if (bytes >= WINDOW || waiting.size() == WINDOW_CHUNKS) {
            handOn(2);
        }
    }

    @Override
    public void finish() throws IOException {
        if (first && bytes <= PackWriter.INLINE_BYTES) {
            for (var frame : waiting) {
                packing.frame(frame);
            }
        } else {
            handOn(first ? LEAST_PART : 2);
        }
    }

    /**
     * Decides whether to share and passes on all buffered frames.
     *
     * @param part the NAR starts to share if at least one in {@code part} buffered bytes is already stored
     */
    private void handOn(int part) throws IOException {
        look();
        var places = places();
        long saved = places.stream()
                .flatMap(Optional::stream)
                .mapToLong(Place::bytes)
                .sum();
        missed += saved;
        shares |= saved > PackWriter.INLINE_BYTES && (saved * part >= bytes || missed >= MUCH);
        for (int i = 0; i < waiting.size(); i++) {
            var place = places.get(i);
            if (shares && place.isPresent()) {
                packing.shared(place.get().pack, place.get().ordinal);
            } else {
                packing.frame(waiting.get(i));
            }
        }
        shared = shares ? List.copyOf(packs.values()) : List.of();
        waiting.clear();
        bytes = 0;
        first = false;
    }

    /**
     * Looks up packs for the sampled chunks that no known pack contains. The very first chunk is always looked up, because the
     * first chunk of every pack is indexed.
     */
    private void look() {
        var asked = new ArrayList<byte[]>();
        for (int i = 0; i < waiting.size(); i++) {
            var id = waiting.get(i).id();
            if ((first && i == 0 || Sharing.sampled(id)) && find(id, null).isEmpty()) {
                asked.add(id);
            }
        }
        sharing.packs(domain.id(), asked, packs.keySet(), MOST_PACKS - packs.size())
                .forEach(pack -> packs.put(pack.id(), pack));
    }

    private List<Optional<Place>> places() {
        var places = new ArrayList<Optional<Place>>();
        Place last = null;
        for (var frame : waiting) {
            var place = find(frame.id(), last);
            places.add(place);
            last = place.orElse(last);
        }
        return places;
    }

    /** Prefers the chunk that follows {@code last} in the same pack: consecutive chunks are read in one request. */
    private Optional<Place> find(byte[] id, @Nullable Place last) {
        if (last != null && last.pack.is(last.ordinal + 1, id)) {
            return Optional.of(new Place(last.pack, last.ordinal + 1));
        }
        for (var pack : packs.values()) {
            OptionalInt found = pack.find(id);
            if (found.isPresent()) {
                return Optional.of(new Place(pack, found.getAsInt()));
            }
        }
        return Optional.empty();
    }
}
