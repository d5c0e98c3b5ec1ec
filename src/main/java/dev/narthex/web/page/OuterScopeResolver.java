package dev.narthex.web.page;

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
 * Resolves names in Qute templates that are defined in an enclosing scope. Pages are the content of a layout, so nearly all of
 * their names are. Without this resolver, the engine first tries about 150 value resolvers in the inner scope, which took a third
 * of the time to render a page. Names that are not found here are resolved as usual.
 */
@Singleton
class OuterScopeResolver implements ValueResolver {
    private static final int BEFORE_ALL = 1000;

    void install(@Observes EngineBuilder engine) {
        engine.addValueResolver(this);
    }

    @Override
    public int getPriority() {
        return BEFORE_ALL;
    }

    /** Applies to the first part of an expression only; later parts are resolved on a value and not in a scope. */
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
                var value = names.getAsync(name.getName());
                if (!(value instanceof CompletedStage<Object> now && Results.isNotFound(now.get()))) {
                    return value;
                }
            }
            part = part.getParent();
        }
        return Results.notFound(name);
    }
}
