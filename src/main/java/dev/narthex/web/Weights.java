package dev.narthex.web;

import dev.narthex.catalog.Closure;
import dev.narthex.spi.Cache;
import dev.narthex.web.view.Weight;
import java.util.ArrayList;

/** Summarizes the size of a closure. */
final class Weights {
    static final int LIMIT = 20_000;
    private static final int SHOWN = 6;

    private Weights() {}

    /** @param hash hash part of the path itself, which is always among the parts */
    static Weight of(Cache cache, String hash, Closure closure) {
        var parts = new ArrayList<Weight.Part>();
        for (var node : closure.nodes()) {
            boolean own = node.path().hash().equals(hash);
            boolean room =
                    parts.size() < SHOWN - 1 || parts.stream().anyMatch(Weight.Part::own) && parts.size() < SHOWN;
            if (own || room) {
                parts.add(new Weight.Part(Lines.item(cache, node.path(), node.narSize()), own));
            }
        }
        long shown = parts.stream().mapToLong(part -> part.path().narSize()).sum();
        int all = closure.nodes().size();
        return new Weight(
                closure.narSize(), all, parts, all - parts.size(), closure.narSize() - shown, closure.complete());
    }
}
