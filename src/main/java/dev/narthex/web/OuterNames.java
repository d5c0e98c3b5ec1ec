package dev.narthex.web;

import io.quarkus.qute.CompletedStage;
import io.quarkus.qute.EngineBuilder;
import io.quarkus.qute.EvalContext;
import io.quarkus.qute.Mapper;
import io.quarkus.qute.ResolutionContext;
import io.quarkus.qute.Results;
import io.quarkus.qute.ValueResolver;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Finds names in templates that an outer part knows. A page is the content of a layout, so nearly all of its names are those of
 * an outer part; and before the engine looks there, it asks each of some 150 resolvers, one for each kind of value, whether the
 * inner part has the name: that was a third of what a page costs. What is not found here is looked for as ever.
 */
@Singleton
class OuterNames implements ValueResolver {
    private static final int BEFORE_ALL = 1000;

    void install(@Observes EngineBuilder engine) {
        engine.addValueResolver(this);
    }

    @Override
    public int getPriority() {
        return BEFORE_ALL;
    }

    /** Of first names only: what follows a point is looked for in a value, and not in a part of the template. */
    @Override
    public boolean appliesTo(EvalContext name) {
        var part = name.resolutionContext();
        return part.getParent() != null && name.getBase() == part.getData() && isNames(part.getData());
    }

    private static boolean isNames(@Nullable Object data) {
        return data == null || data instanceof Mapper;
    }

    @Override
    public CompletionStage<Object> resolve(EvalContext name) {
        ResolutionContext part = name.resolutionContext();
        while (part != null && isNames(part.getData())) {
            if (part.getData() instanceof Mapper names && names.appliesTo(name.getName())) {
                var found = names.getAsync(name.getName());
                if (!(found instanceof CompletedStage<Object> now && Results.isNotFound(now.get()))) {
                    return found;
                }
            }
            part = part.getParent();
        }
        return Results.notFound(name);
    }
}
