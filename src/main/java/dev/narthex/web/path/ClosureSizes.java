package dev.narthex.web.path;

import dev.narthex.catalog.path.Closure;
import dev.narthex.spi.Cache;
import dev.narthex.web.page.ViewMapper;
import dev.narthex.web.view.ClosureSizeView;
import java.util.ArrayList;

/** Summarizes the size of a closure. */
public final class ClosureSizes {
    public static final int MAX_PATHS = 20_000;
    private static final int SHOWN = 6;

    private ClosureSizes() {}

    /** @param hash hash part of the path itself, which is always among the parts */
    public static ClosureSizeView of(Cache cache, String hash, Closure closure) {
        var parts = new ArrayList<ClosureSizeView.Part>();
        for (var node : closure.nodes()) {
            boolean own = node.path().hash().equals(hash);
            boolean room = parts.size() < SHOWN - 1
                    || parts.stream().anyMatch(ClosureSizeView.Part::own) && parts.size() < SHOWN;
            if (own || room) {
                parts.add(new ClosureSizeView.Part(ViewMapper.item(cache, node.path(), node.narSize()), own));
            }
        }
        long shown = parts.stream().mapToLong(part -> part.path().narSize()).sum();
        int all = closure.nodes().size();
        return new ClosureSizeView(
                closure.narSize(), all, parts, all - parts.size(), closure.narSize() - shown, closure.complete());
    }
}
