package dev.narthex.http;

import dev.narthex.limits.CpuPermits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Content that is decoded while it is read. The reader holds a permit until it closes the stream, except while it waits for a
 * client ({@link BackpressureOutputStream}). If no permit becomes free within 30 seconds, reading starts without one.
 */
public record CpuBoundContent(Content content, CpuPermits permits, String caller) implements Content {
    private static final Duration PERMIT_TIMEOUT = Duration.ofSeconds(30);

    @Override
    public long length() {
        return content.length();
    }

    @Override
    public InputStream open(long from, long count) throws IOException {
        var permit = permits.acquireWithin(caller, PERMIT_TIMEOUT);
        try {
            return new FilterInputStream(content.open(from, count)) {
                @Override
                public void close() throws IOException {
                    permit.close();
                    super.close();
                }
            };
        } catch (IOException | RuntimeException e) {
            permit.close();
            throw e;
        }
    }
}
