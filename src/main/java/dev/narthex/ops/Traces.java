package dev.narthex.ops;

import com.github.kagkarlsson.scheduler.event.ExecutionChain;
import com.github.kagkarlsson.scheduler.event.ExecutionInterceptor;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
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
 * Spans of requests, with those of their statements, and of jobs, sent to a collector if there is one. They hold no query; which of
 * them there are {@link TraceSampler} decides.
 */
@Singleton
class Traces implements SpanProcessor, ExecutionInterceptor {
    private static final String SETTING = "narthex.traces.url";

    private static final AttributeKey<String> QUERY = AttributeKey.stringKey("url.query");

    private final Tracer tracer;

    Traces(Tracer tracer) {
        this.tracer = tracer;
    }

    /** To be called with settings that were checked, before the application starts. Without a collector it is as if there were no spans. */
    static void configure(Given settings) {
        settings.value(SETTING)
                .ifPresent(collector -> Map.of(
                                "quarkus.otel.sdk.disabled", "false",
                                "quarkus.otel.instrument.vertx-http", "true",
                                "quarkus.datasource.jdbc.telemetry.enabled", "true",
                                "quarkus.otel.exporter.otlp.endpoint", collector)
                        .forEach(System::setProperty));
    }

    /** A job has a trace of its own: it may run long after the request that asked for it, and again. */
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
