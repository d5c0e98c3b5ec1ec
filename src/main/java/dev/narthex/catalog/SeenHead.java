package dev.narthex.catalog;

import jakarta.enterprise.context.RequestScoped;
import org.jspecify.annotations.Nullable;

/** The head by which this request last looked for a cache: what it reads in that cache need not ask again. */
@RequestScoped
class SeenHead {
    private final Heads heads;
    private @Nullable Head seen;

    SeenHead(Heads heads) {
        this.heads = heads;
    }

    Head look() {
        var head = heads.now();
        seen = head;
        return head;
    }

    Head seen() {
        var head = seen;
        return head == null ? look() : head;
    }
}
