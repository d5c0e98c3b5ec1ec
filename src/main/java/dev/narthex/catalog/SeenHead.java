package dev.narthex.catalog;

import jakarta.enterprise.context.RequestScoped;
import org.jspecify.annotations.Nullable;

/**
 * The head of the change log as of this request's last look-up of a cache. Later reads of the request can use it without another
 * query.
 */
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
