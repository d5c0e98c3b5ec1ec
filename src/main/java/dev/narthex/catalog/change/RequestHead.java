package dev.narthex.catalog.change;

import jakarta.enterprise.context.RequestScoped;
import org.jspecify.annotations.Nullable;

/**
 * The head of the change log as of this request's last look-up of a cache. Later reads of the request can use it without another
 * query.
 */
@RequestScoped
public class RequestHead {
    private final ChangeLogHeadReader heads;
    private @Nullable ChangeLogHead seen;

    RequestHead(ChangeLogHeadReader heads) {
        this.heads = heads;
    }

    public ChangeLogHead look() {
        var head = heads.now();
        seen = head;
        return head;
    }

    public ChangeLogHead seen() {
        var head = seen;
        return head == null ? look() : head;
    }
}
