package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Why a cache keeps a path.
 *
 * @param verdict "held" by somebody's wish, "timed" by its age or use, "leaving" if nothing keeps it, "for ever" if the cache
 *     keeps everything, "unknown" if more leads to it than is looked at
 * @param collected when it goes if nothing comes to keep it; the earliest time, of what is timed
 * @param rules of the cache, if it does not keep everything for ever
 * @param reasons nearest first
 */
public record KeptView(
        PathHead head, String verdict, Optional<Instant> collected, Optional<Rules> rules, List<Reason> reasons)
        implements View {
    /** What a cache keeps: nothing older than so many days, besides what is pinned or released. */
    public record Rules(long days, Optional<Integer> versions, Optional<Integer> downloadedDays) {}

    /**
     * A path that is kept by itself, and leads here.
     *
     * @param own whether it is this path
     * @param releases that it is a file of
     * @param young until when it is too young to go, if that keeps it
     * @param used until when it was used too lately, if that keeps it
     * @param way the shortest from it to this path, of the nearest one
     */
    public record Reason(
            StoreItem root,
            boolean own,
            List<PinLine> pins,
            List<Known> releases,
            Optional<Instant> young,
            Optional<Instant> used,
            List<StoreItem> way) {}

    /** Pins of the path itself. */
    public List<PinLine> ownPins() {
        return reasons.stream()
                .filter(Reason::own)
                .flatMap(reason -> reason.pins.stream())
                .toList();
    }
}
