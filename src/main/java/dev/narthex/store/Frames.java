package dev.narthex.store;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * Frames of one pack that are wanted: runs that do not overlap, in the order of the pack.
 *
 * @param parts each as in a recipe, with its slot left at 0
 */
record Frames(List<Recipe.Run> parts) {
    Frames {
        parts = List.copyOf(parts);
    }

    /** Joins runs of a pack in which several NARs may want the same frames. */
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

    /** Of all parts together. */
    long bytes() {
        return parts.stream().mapToLong(Recipe.Run::length).sum();
    }

    /** Where the parts have gone. */
    static final class Moved {
        private final TreeMap<Integer, Place> places = new TreeMap<>();

        /** What is to be added to an ordinal and an offset. */
        private record Place(int ordinals, long offsets) {}

        /** @param first ordinal of a part and {@code offset} where it began, then both as they are now */
        void put(int first, int now, long offset, long offsetNow) {
            places.put(first, new Place(now - first, offsetNow - offset));
        }

        /** The same frames out of another pack. */
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
