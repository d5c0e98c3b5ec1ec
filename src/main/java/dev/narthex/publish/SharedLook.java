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
 * Looks at the head of the change log once for all whom an event loop finds asking in one go, and tells them in one task of
 * that loop: waking a loop costs more than what it is woken for.
 */
final class SharedLook {
    private final Supplier<CompletionStage<Head>> look;

    /** Of each event loop, those who asked in this go. */
    private final ThreadLocal<List<Consumer<Optional<Head>>>> asking = ThreadLocal.withInitial(ArrayList::new);

    SharedLook(Supplier<CompletionStage<Head>> look) {
        this.look = look;
    }

    /**
     * @param own of the caller, who is on its event loop
     * @param then must not throw; told on that event loop, but not in that context; of nothing if the database does not answer
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
