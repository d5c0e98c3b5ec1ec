package dev.narthex.store.s3;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import java.util.function.Consumer;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/**
 * Creates an OpenTelemetry span for each S3 call, including all its attempts. The span of a download ends with its first byte.
 */
final class S3Tracing implements ExecutionInterceptor {
    private static final ExecutionAttribute<Span> SPAN = new ExecutionAttribute<>("dev.narthex.span");

    @Override
    public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
        var operation = attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME);
        attributes.putAttribute(
                SPAN,
                GlobalOpenTelemetry.getTracer("dev.narthex")
                        .spanBuilder("S3 " + operation)
                        .setSpanKind(SpanKind.CLIENT)
                        .setAttribute("rpc.system", "aws-api")
                        .setAttribute("rpc.method", operation)
                        .startSpan());
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        endSpan(attributes, span -> {});
    }

    @Override
    public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
        endSpan(attributes, span -> span.recordException(context.exception()).setStatus(StatusCode.ERROR));
    }

    private static void endSpan(ExecutionAttributes attributes, Consumer<Span> action) {
        var span = attributes.getAttribute(SPAN);
        if (span != null) {
            action.accept(span);
            span.end();
        }
    }
}
