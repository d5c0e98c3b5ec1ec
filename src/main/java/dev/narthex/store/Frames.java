package dev.narthex.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The frames of a pack that are still referenced, as non-overlapping runs in the order of the pack.
 *
 * @param parts runs as in a recipe; their slot is always 0
 */
record Frames(List<Recipe.Run> parts) {
    Frames {
        parts = List.copyOf(parts);
    }

    /** Merges the runs of several recipes, which may overlap, into the set of referenced frames. */
    static Frames wanted(List<Recipe.Run> runs) {
        var parts = new ArrayList<Recipe.Run>();
        for (var run :
                runs.stream().sorted(Comparator.comparingInt(Recipe.Run::first)).toList()) {
            var last = parts.isEmpty() ? new Recipe.Run(0, 0, -1, 0, 0) : parts.getLast();
            if (run.first() > last.first() + last.count()) {
                parts.add(new Recipe.Run(0, run.first(), run.count(), run.offset(), run.length()));
            } else if (run.first() + run.count() > last.first() + last.count()) {
                parts.removeLast();
                parts.add(new Recipe.Run(
                        0,
                        last.first(),
                        run.first() + run.count() - last.first(),
                        last.offset(),
                        run.offset() + run.length() - last.offset()));
            }
        }
        return new Frames(parts);
    }

    /** Total length in bytes. */
    long bytes() {
        return parts.stream().mapToLong(Recipe.Run::length).sum();
    }

    /** Maps the frames of an old pack to their new positions in a copy of it. */
    static final class Moved {
        private final TreeMap<Integer, Place> places = new TreeMap<>();

        /** The differences to add to the ordinals and to the byte offsets of a part. */
        private record Place(int ordinals, long offsets) {}

        /**
         * Records the new position of a part.
         *
         * @param first ordinal of the part's first frame in the old pack
         * @param now ordinal of that frame in the new pack
         * @param offset byte offset of that frame in the old pack
         * @param offsetNow byte offset of that frame in the new pack
         */
        void put(int first, int now, long offset, long offsetNow) {
            places.put(first, new Place(now - first, offsetNow - offset));
        }

        /**
         * Rewrites a recipe to read the same frames from the new pack.
         *
         * @param old id of the old pack
         * @param fresh id of the new pack
         */
        Recipe<Long> applied(Recipe<Long> recipe, long old, long fresh) {
            return new Recipe<>(
                    recipe.packs().stream()
                            .map(pack -> pack == old ? fresh : pack)
                            .toList(),
                    recipe.runs().stream()
                            .map(run -> recipe.packs().get(run.slot()) == old ? moved(run) : run)
                            .toList());
        }

        private Recipe.Run moved(Recipe.Run run) {
            var place = places.floorEntry(run.first()).getValue();
            return new Recipe.Run(
                    run.slot(), run.first() + place.ordinals, run.count(), run.offset() + place.offsets, run.length());
        }
    }
}
