package dev.narthex.ops.observe;

import com.github.kagkarlsson.scheduler.event.ExecutionChain;
import com.github.kagkarlsson.scheduler.event.ExecutionInterceptor;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import dev.narthex.ops.settings.RawConfiguration;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.Map;

/**
 * Records spans of requests, their statements and jobs, and sends them to a collector if one is configured. Spans do not contain
 * the query string. {@link TraceSampler} decides which traces are recorded.
 */
@Singleton
public class TraceRecorder implements SpanProcessor, ExecutionInterceptor {
    private static final String SETTING = "narthex.traces.url";

    private static final AttributeKey<String> QUERY = AttributeKey.stringKey("url.query");

    private final Tracer tracer;

    TraceRecorder(Tracer tracer) {
        this.tracer = tracer;
    }

    /** Call it with checked settings, before the application starts. Without a collector, tracing stays disabled. */
    public static void configure(RawConfiguration configuration) {
        configuration
                .findValue(SETTING)
                .ifPresent(collector -> Map.of(
                                "quarkus.otel.sdk.disabled", "false",
                                "quarkus.otel.instrument.vertx-http", "true",
                                "quarkus.datasource.jdbc.telemetry.enabled", "true",
                                "quarkus.otel.exporter.otlp.endpoint", collector)
                        .forEach(System::setProperty));
    }

    /** Starts a new trace for each job: it may run long after the request that queued it, and more than once. */
    @Override
    public CompletionHandler<?> execute(TaskInstance<?> job, ExecutionContext context, ExecutionChain chain) {
        var span = tracer.spanBuilder("job " + job.getTaskName())
                .setNoParent()
                .setAttribute("job.id", job.getId())
                .startSpan();
        try (var scope = span.makeCurrent()) {
            return chain.proceed(job, context);
        } catch (RuntimeException e) {
            span.recordException(e).setStatus(StatusCode.ERROR);
            throw e;
        } finally {
            span.end();
        }
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
        if (span.getAttribute(QUERY) != null) {
            span.setAttribute(QUERY, "");
        }
    }

    @Override
    public boolean isStartRequired() {
        return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {}

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
