package dev.narthex.ops.observe;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Samples a configured share of new traces, and follows the caller's decision for existing ones. Requests whose path contains a
 * secret are never sampled, as they are never logged.
 */
@Singleton
class TraceSampler implements Sampler {
    private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");

    private final Sampler ratioSampler;
    private final Pattern secretPaths;

    TraceSampler(
            @ConfigProperty(name = "narthex.traces.share") double ratio,
            @ConfigProperty(name = "quarkus.http.access-log.exclude-pattern") String pattern) {
        this.ratioSampler = Sampler.parentBased(Sampler.traceIdRatioBased(ratio));
        this.secretPaths = Pattern.compile(pattern);
    }

    @Override
    public SamplingResult shouldSample(
            Context parent, String trace, String name, SpanKind kind, Attributes attributes, List<LinkData> links) {
        var path = attributes.get(PATH);
        return path != null && secretPaths.matcher(path).matches()
                ? SamplingResult.drop()
                : ratioSampler.shouldSample(parent, trace, name, kind, attributes, links);
    }

    @Override
    public String getDescription() {
        return ratioSampler.getDescription();
    }
}
