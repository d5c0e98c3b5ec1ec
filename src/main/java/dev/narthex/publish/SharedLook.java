package dev.narthex.publish;

import dev.narthex.catalog.Head;
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
final class SharedLook {
    private final Supplier<CompletionStage<Head>> look;

    /** Callers that wait, per event loop. */
    private final ThreadLocal<List<Consumer<Optional<Head>>>> asking = ThreadLocal.withInitial(ArrayList::new);

    SharedLook(Supplier<CompletionStage<Head>> look) {
        this.look = look;
    }

    /**
     * Looks up the head asynchronously.
     *
     * @param own context of the caller, who must be on its event loop
     * @param then called on that event loop, but not in that context; gets empty if the database does not respond; must not throw
     */
    void ask(Context own, Consumer<Optional<Head>> then) {
        var all = asking.get();
        all.add(then);
        if (all.size() == 1) {
            own.runOnContext(read -> {
                var these = List.copyOf(all);
                all.clear();
                look.get()
                        .whenComplete((head, fault) -> own.runOnContext(
                                told -> these.forEach(each -> each.accept(Optional.ofNullable(head)))));
            });
        }
    }
}
