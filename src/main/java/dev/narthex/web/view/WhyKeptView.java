package dev.narthex.web.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Explains why a cache keeps a path.
 *
 * @param verdict "held" by a pin or release, "timed" by its age or last use, "leaving" if nothing keeps it, "for ever" if the
 *     cache has no retention policy, "unknown" if the path has more referrers than are examined
 * @param collected for "timed" and "leaving" paths, the earliest time of deletion if nothing else keeps the path
 * @param rules the retention policy, if there is one
 * @param reasons nearest first
 */
public record WhyKeptView(
        PathHead head, String verdict, Optional<Instant> collected, Optional<Rules> rules, List<Reason> reasons)
        implements View {
    /**
     * A retention policy. Pins and releases are kept independently of the age.
     *
     * @param days number of days for which otherwise unprotected paths are kept
     * @param versions number of newest versions to keep of each package; empty if all are kept
     * @param downloadedDays number of days for which paths and releases are kept after their last use; empty for the minimum
     */
    public record Rules(long days, Optional<Integer> versions, Optional<Integer> downloadedDays) {}

    /**
     * A path that is kept for its own sake, by a pin, a release, its age or its last use, and from which this path is reachable.
     *
     * @param own whether it is this path itself
     * @param releases releases that it belongs to
     * @param young end of the minimum age, if that keeps it
     * @param used end of the time that its last use keeps it, if that keeps it
     * @param way shortest reference chain from it to this path; of pinned and released paths, only the first one has it
     */
    public record Reason(
            StoreItem root,
            boolean own,
            List<PinLine> pins,
            List<RelatedRelease> releases,
            Optional<Instant> young,
            Optional<Instant> used,
            List<StoreItem> way) {}

    /** Returns the pins of the path itself. */
    public List<PinLine> ownPins() {
        return reasons.stream()
                .filter(Reason::own)
                .flatMap(reason -> reason.pins.stream())
                .toList();
    }
}
