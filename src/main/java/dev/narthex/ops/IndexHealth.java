package dev.narthex.ops;

import dev.narthex.search.Index;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Reports the state of the search index. Always up: without an index, or with an outdated one, searches use the catalog. */
@Readiness
class IndexHealth implements HealthCheck {
    private final Index index;

    IndexHealth(Index index) {
        this.index = index;
    }

    @Override
    public HealthCheckResponse call() {
        var state = index.state();
        var response = HealthCheckResponse.named("index").up();
        if (state.building()) {
            response.withData("building", state.done() + " of " + state.total() + " packages");
        }
        return response.withData("reason", reason(state)).build();
    }

    private static String reason(Index.State state) {
        return state.ready()
                ? "Search answers from the index."
                : "The index does not answer yet or is behind; search answers from the catalog.";
    }
}
