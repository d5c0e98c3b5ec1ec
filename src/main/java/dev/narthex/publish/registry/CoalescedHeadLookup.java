package dev.narthex.publish.registry;

import dev.narthex.catalog.change.ChangeLogHead;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Combines lookups of the change log's head: all requests that an event loop handles in one run share a lookup, and get the result
 * in one task of that loop. Waking an event loop costs more than the work it is woken for.
 */
final class CoalescedHeadLookup {
    private final Supplier<CompletionStage<ChangeLogHead>> lookup;

    /** Callers that wait, per event loop. */
    private final ThreadLocal<List<Consumer<Optional<ChangeLogHead>>>> waitersByLoop =
            ThreadLocal.withInitial(ArrayList::new);

    CoalescedHeadLookup(Supplier<CompletionStage<ChangeLogHead>> lookup) {
        this.lookup = lookup;
    }

    /**
     * Looks up the head asynchronously.
     *
     * @param callerContext context of the caller, who must be on its event loop
     * @param callback called on that event loop, but not in that context; gets empty if the database does not respond; must
     * not throw
     */
    void requestHead(Context callerContext, Consumer<Optional<ChangeLogHead>> callback) {
        var waiters = waitersByLoop.get();
        waiters.add(callback);
        if (waiters.size() == 1) {
            callerContext.runOnContext(done -> {
                var batch = List.copyOf(waiters);
                waiters.clear();
                lookup.get()
                        .whenComplete((head, fault) -> callerContext.runOnContext(
                                ignored -> batch.forEach(waiter -> waiter.accept(Optional.ofNullable(head)))));
            });
        }
    }
}
