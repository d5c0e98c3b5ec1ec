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
 * What the domain has of a NAR already. Frames wait until there are some MiB of them; then the packs are looked for that have some of
 * them, and each frame goes on either as it lies in one of those packs, or as it is, into a pack of the NAR's own.
 *
 * <p>A NAR that is one whole pack is cheaper to serve than one that is put together; so it begins to share only where that saves a
 * tenth, or 4 MiB, as far as one can know: of a long NAR half of what waits has to be there. Then it shares all that it can.
 */
final class Matching implements Pressing.Frames {
    /** Of frames that wait: the memory that it takes. */
    private static final int WINDOW = 2 << 20;

    private static final int WINDOW_CHUNKS = 256;

    /** Of the whole, one in so many. */
    private static final int LEAST_PART = 10;

    /** Worth while whatever comes after. */
    private static final long MUCH = 4 << 20;

    private static final int MOST_PACKS = 16;

    private final Sharing sharing;
    private final Domains.Domain domain;
    private final Packing packing;

    /** The newest first: what was pushed together lies together there. */
    private final TreeMap<Long, PackChunks> packs = new TreeMap<>(Comparator.reverseOrder());

    private final List<Press.Frame> waiting = new ArrayList<>();
    private int bytes;
    private boolean first = true;
    private long missed;
    private boolean shares;

    /** Of the packs, once the NAR shares with them: what others read, who make frames. */
    private volatile List<PackChunks> shared = List.of();

    Matching(Sharing sharing, Domains.Domain domain, Packing packing) {
        this.sharing = sharing;
        this.domain = domain;
        this.packing = packing;
    }

    /** A chunk in a pack. */
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

    /** @param part one in so many bytes that wait have to be there already, for the NAR to begin to share */
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

    /** The first chunk of a NAR may be the first of another's pack. */
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

    /** What goes on where the last one was is read in one go. */
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
