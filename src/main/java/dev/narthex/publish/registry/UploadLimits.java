package dev.narthex.publish.registry;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.stream.BlockFilterInputStream;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Checks quota and upload rate of a cache before any of the body is read. The quota is checked again, exactly, when the path is
 * added; the early check spares the client a useless upload.
 *
 * <p>The rate is limited by a token bucket per cache and replica that holds the bytes of one minute. If the bucket is not empty, a
 * file of any length is admitted and its bytes are taken out as they arrive. So long uploads are not interrupted, but later ones
 * wait longer.
 */
@ApplicationScoped
public class UploadLimits {
    private static final int MAX_CACHES = 10_000;
    private static final Duration BUCKET_TTL = Duration.ofHours(1);

    private final CacheSettingsStore settings;
    private final com.github.benmanes.caffeine.cache.Cache<Long, UploadTokenBucket> buckets = Caffeine.newBuilder()
            .maximumSize(MAX_CACHES)
            .expireAfterAccess(BUCKET_TTL)
            .build();

    UploadLimits(CacheSettingsStore settings) {
        this.settings = settings;
    }

    /**
     * Admits an upload and returns its body, whose bytes are counted against the rate.
     *
     * @param narSize minimum size of the NAR in bytes
     * @throws dev.narthex.problem.ProblemException TooLarge, TooManyRequests
     */
    public InputStream admit(Cache cache, long narSize, InputStream body) {
        var quota = settings.quota(cache.id());
        quota.require(narSize);
        return quota.uploadBytesPerMinute()
                .<InputStream>map(rate -> {
                    var bucket = buckets.get(cache.id(), id -> new UploadTokenBucket());
                    bucket.require(rate);
                    return new RateCountingInputStream(body, bucket);
                })
                .orElse(body);
    }

    /**
     * Returns the minimum size in bytes of a NAR in a compressed file of this length. Incompressible data grows by less than the
     * difference.
     */
    public static long minNarSize(long fileLength) {
        return Math.max(1, fileLength - fileLength / 64 - 4096);
    }

    /** A token bucket. Stores how many bytes are missing to full; it refills over time. */
    private static final class UploadTokenBucket {
        private double missingBytes;
        private long refilledAtNanos = System.nanoTime();

        synchronized void require(long perMinute) {
            long nowNanos = System.nanoTime();
            double perSecond = perMinute / 60.0;
            missingBytes = Math.max(0, missingBytes - perSecond * (nowNanos - refilledAtNanos) / 1e9);
            refilledAtNanos = nowNanos;
            if (missingBytes >= perMinute) {
                double seconds = Math.min((missingBytes - perMinute) / perSecond + 1, BUCKET_TTL.toSeconds());
                throw Problem.tooManyRequests(
                        "To this cache " + perMinute
                                + " bytes may be sent in a minute (uploadBytesPerMinute). Send the rest later, or"
                                + " ask an administrator of this server to raise the limit.",
                        (int) Math.ceil(seconds));
            }
        }

        synchronized void consume(int bytes) {
            missingBytes += bytes;
        }
    }

    private static final class RateCountingInputStream extends BlockFilterInputStream {
        private final UploadTokenBucket bucket;

        RateCountingInputStream(InputStream body, UploadTokenBucket bucket) {
            super(body);
            this.bucket = bucket;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = in.read(buffer, offset, length);
            if (read > 0) {
                bucket.consume(read);
            }
            return read;
        }
    }
}
