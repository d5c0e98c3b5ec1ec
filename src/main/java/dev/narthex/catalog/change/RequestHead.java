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
    private @Nullable ChangeLogHead lastSeen;

    RequestHead(ChangeLogHeadReader heads) {
        this.heads = heads;
    }

    public ChangeLogHead refresh() {
        var head = heads.readNow();
        lastSeen = head;
        return head;
    }

    public ChangeLogHead lastSeen() {
        var head = lastSeen;
        return head == null ? refresh() : head;
    }
}
