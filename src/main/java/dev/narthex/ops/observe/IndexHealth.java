package dev.narthex.ops.observe;

import dev.narthex.search.PackageSearchIndex;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Reports the state of the search index. Always up: without an index, or with an outdated one, searches use the catalog. */
@Readiness
class IndexHealth implements HealthCheck {
    private final PackageSearchIndex index;

    IndexHealth(PackageSearchIndex index) {
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

    private static String reason(PackageSearchIndex.State state) {
        return state.ready()
                ? "Search answers from the index."
                : "The index does not answer yet or is behind; search answers from the catalog.";
    }
}
