package dev.narthex.http;

import dev.narthex.limits.CpuBoundInput;
import dev.narthex.limits.CpuPermits;
import io.vertx.core.Vertx;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Replaces the body of every request by a {@link RequestBodyInputStream} that is read under {@link CpuPermits}. A permit that
 * is still held
 * after the resource method has returned is released.
 */
class RequestBodyFilter {
    private static final Set<String> METHODS_WITHOUT_BODY = Set.of("GET", "HEAD", "OPTIONS");
    private static final String BODY_PROPERTY = "narthex.body";

    private final CpuPermits permits;
    private final Duration readTimeout;

    /** @param readTimeout the same timeout as for forms, which the framework reads itself */
    RequestBodyFilter(CpuPermits permits, @ConfigProperty(name = "quarkus.http.read-timeout") Duration readTimeout) {
        this.permits = permits;
        this.readTimeout = readTimeout;
    }

    @ServerRequestFilter
    void filter(ContainerRequestContext context) {
        if (METHODS_WITHOUT_BODY.contains(context.getMethod())) {
            return;
        }
        var request = CurrentRequest.findRequest().orElseThrow();
        var eventLoop = Objects.requireNonNull(Vertx.currentContext());
        var whenBusy = CpuBoundRoutes.find(context.getMethod(), request.path())
                .map(CpuBoundRoutes.Route::whenBusy)
                .orElse(CpuPermits.BusyPolicy.REFUSE);
        var body = permits.bound(
                new RequestBodyInputStream(request, eventLoop, readTimeout), CurrentRequest.clientAddress(), whenBusy);
        context.setProperty(BODY_PROPERTY, body);
        context.setEntityStream(body);
    }

    @ServerResponseFilter
    void releasePermit(ContainerRequestContext context, ContainerResponseContext response) {
        if (context.getProperty(BODY_PROPERTY) instanceof CpuBoundInput body) {
            body.end();
        }
    }
}
