package dev.narthex.store.pack;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The frames of a pack that are still referenced, as non-overlapping runs in the order of the pack.
 *
 * @param runs runs as in a recipe; their slot is always 0
 */
public record FrameRuns(List<Recipe.Run> runs) {
    public FrameRuns {
        runs = List.copyOf(runs);
    }

    /** Merges the runs of several recipes, which may overlap, into the set of referenced frames. */
    public static FrameRuns merge(List<Recipe.Run> recipeRuns) {
        var merged = new ArrayList<Recipe.Run>();
        for (var run : recipeRuns.stream()
                .sorted(Comparator.comparingInt(Recipe.Run::first))
                .toList()) {
            var previous = merged.isEmpty() ? new Recipe.Run(0, 0, -1, 0, 0) : merged.getLast();
            if (run.first() > previous.first() + previous.count()) {
                merged.add(new Recipe.Run(0, run.first(), run.count(), run.offset(), run.length()));
            } else if (run.first() + run.count() > previous.first() + previous.count()) {
                merged.removeLast();
                merged.add(new Recipe.Run(
                        0,
                        previous.first(),
                        run.first() + run.count() - previous.first(),
                        previous.offset(),
                        run.offset() + run.length() - previous.offset()));
            }
        }
        return new FrameRuns(merged);
    }

    /** Total length in bytes. */
    public long bytes() {
        return runs.stream().mapToLong(Recipe.Run::length).sum();
    }

    /** Maps the frames of an old pack to their new positions in a copy of it. */
    public static final class FrameRelocation {
        private final TreeMap<Integer, FrameShift> shifts = new TreeMap<>();

        /** The differences to add to the ordinals and to the byte offsets of a part. */
        private record FrameShift(int ordinalDelta, long offsetDelta) {}

        /**
         * Records the new position of a part.
         *
         * @param oldOrdinal ordinal of the part's first frame in the old pack
         * @param newOrdinal ordinal of that frame in the new pack
         * @param oldOffset byte offset of that frame in the old pack
         * @param newOffset byte offset of that frame in the new pack
         */
        public void put(int oldOrdinal, int newOrdinal, long oldOffset, long newOffset) {
            shifts.put(oldOrdinal, new FrameShift(newOrdinal - oldOrdinal, newOffset - oldOffset));
        }

        /**
         * Rewrites a recipe to read the same frames from the new pack.
         *
         * @param oldPackId id of the old pack
         * @param newPackId id of the new pack
         */
        public Recipe<Long> apply(Recipe<Long> recipe, long oldPackId, long newPackId) {
            return new Recipe<>(
                    recipe.packs().stream()
                            .map(pack -> pack == oldPackId ? newPackId : pack)
                            .toList(),
                    recipe.runs().stream()
                            .map(run -> recipe.packs().get(run.slot()) == oldPackId ? relocate(run) : run)
                            .toList());
        }

        private Recipe.Run relocate(Recipe.Run run) {
            var shift = shifts.floorEntry(run.first()).getValue();
            return new Recipe.Run(
                    run.slot(),
                    run.first() + shift.ordinalDelta,
                    run.count(),
                    run.offset() + shift.offsetDelta,
                    run.length());
        }
    }
}
