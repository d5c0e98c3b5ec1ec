package dev.narthex.ops.observe;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.ops.connections.ConnectionTimeoutHandler;
import dev.narthex.ops.settings.TrustedProxies;
import dev.narthex.problem.ProblemRenderer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.opentelemetry.api.trace.Span;
import io.quarkus.arc.All;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * Assigns an id to each request and measures it. The id is in the response and in all log lines of the request. An id that a
 * trusted proxy sends is kept; from others it is ignored, since they could make two requests look like one. Metrics are labeled by
 * protocol adapter rather than by path, so that the number of label values is bounded.
 */
@Singleton
class RequestIdAndMetrics {
    static final String REQUEST_ID = "X-Request-Id";

    /** Set by Quarkus according to {@link TrustedProxies}; Quarkus removes it from requests that already have it. */
    private static final String FROM_TRUSTED_PROXY = "X-Forwarded-Trusted-Proxy";

    private static final Pattern VALID_ID = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._:=+/-]{7,127}");

    /** W3C Trace Context, §3.2: version, trace, span, flags. */
    private static final Pattern TRACEPARENT =
            Pattern.compile("[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*");

    private static final int FILTER_PRIORITY = 10_000;
    private static final Set<String> READ_METHODS = Set.of("GET", "HEAD", "OPTIONS");
    private static final Duration[] LATENCY_BUCKETS = {
        Duration.ofMillis(10),
        Duration.ofMillis(50),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10)
    };

    /** Paths whose adapter is remembered, by their total length; choosing one runs several regular expressions. */
    private static final int MAX_PATHS_LENGTH = 2_000_000;

    private final List<NamedRenderer> renderers;
    private final LoadingCache<String, String> adapters = Caffeine.newBuilder()
            .maximumWeight(MAX_PATHS_LENGTH)
            .weigher((String path, String adapter) -> path.length() + 1)
            .build(this::findAdapter);
    private final MeterRegistry registry;
    private final boolean trustsProxyHeader = Boolean.getBoolean("quarkus.http.proxy.enable-trusted-proxy-header");
    private final Map<RequestLabels, Timer> timers = new ConcurrentHashMap<>();
    private final Map<TrafficLabels, Counter> byteCounters = new ConcurrentHashMap<>();

    RequestIdAndMetrics(@All List<ProblemRenderer> renderers, MeterRegistry registry) {
        this.renderers = renderers.stream()
                .sorted(Comparator.comparingInt(ProblemRenderer::order))
                .map(NamedRenderer::of)
                .toList();
        this.registry = registry;
    }

    /** A renderer with the name of its protocol adapter, derived from its class name. */
    private record NamedRenderer(ProblemRenderer renderer, String adapter) {
        static NamedRenderer of(ProblemRenderer renderer) {
            var name = renderer.getClass().getSimpleName().replaceFirst("ProblemRenderer(_.*)?$", "");
            return new NamedRenderer(renderer, name.toLowerCase(Locale.ROOT));
        }
    }

    private record RequestLabels(String adapter, String operation, String status) {}

    private record TrafficLabels(String adapter, String direction) {}

    void install(@Observes Filters filters) {
        filters.register(this::handle, FILTER_PRIORITY);
    }

    void install(@Observes ManagementInterface management) {
        management.router().route().order(Integer.MIN_VALUE).handler(context -> {
            ConnectionTimeoutHandler.track(context);
            context.next();
        });
    }

    private void handle(RoutingContext context) {
        ConnectionTimeoutHandler.track(context);
        var request = context.request();
        var id = requestId(request);
        MDC.put("request", id);
        findTraceId(request).ifPresent(trace -> MDC.put("trace", trace));
        context.response().putHeader(REQUEST_ID, id);
        long startNanos = System.nanoTime();
        context.addEndHandler(result -> measure(context, System.nanoTime() - startNanos));
        context.next();
    }

    private String requestId(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader(REQUEST_ID))
                .filter(id -> trustsProxyHeader && "true".equals(request.getHeader(FROM_TRUSTED_PROXY)))
                .filter(id -> VALID_ID.matcher(id).matches())
                .orElseGet(() ->
                        HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
    }

    /** Returns the trace id of the recorded span, else the client's. */
    private static Optional<String> findTraceId(HttpServerRequest request) {
        var spanContext = Span.current().getSpanContext();
        return spanContext.isValid() ? Optional.of(spanContext.getTraceId()) : findClientTraceId(request);
    }

    private static Optional<String> findClientTraceId(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("traceparent"))
                .map(TRACEPARENT::matcher)
                .filter(java.util.regex.Matcher::matches)
                .map(matcher -> matcher.group(1));
    }

    private void measure(RoutingContext context, long nanos) {
        var request = context.request();
        var response = context.response();
        var adapter = adapters.get(request.path());
        var operation = READ_METHODS.contains(request.method().name()) ? "read" : "write";
        // The client disconnected before the response ended, so it received no status.
        var status = response.ended() ? response.getStatusCode() / 100 + "xx" : "left";
        timers.computeIfAbsent(new RequestLabels(adapter, operation, status), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
        count(new TrafficLabels(adapter, "in"), request.bytesRead());
        count(new TrafficLabels(adapter, "out"), response.bytesWritten());
    }

    /** Returns the name of the protocol adapter that would render a problem at this path. */
    private String findAdapter(String path) {
        return renderers.stream()
                .filter(named -> named.renderer().speaksFor(path))
                .findFirst()
                .map(NamedRenderer::adapter)
                .orElse("none");
    }

    private void count(TrafficLabels labels, long amount) {
        if (amount > 0) {
            byteCounters.computeIfAbsent(labels, this::counter).increment(amount);
        }
    }

    private Timer timer(RequestLabels labels) {
        return Timer.builder("narthex.requests")
                .description("Requests by the face that answers them, whether they read or write, and class of status")
                .tags("face", labels.adapter(), "act", labels.operation(), "status", labels.status())
                .serviceLevelObjectives(LATENCY_BUCKETS)
                .register(registry);
    }

    private Counter counter(TrafficLabels labels) {
        return Counter.builder("narthex.bytes")
                .description("Bytes of request and response bodies")
                .tags("face", labels.adapter(), "direction", labels.direction())
                .register(registry);
    }
}
