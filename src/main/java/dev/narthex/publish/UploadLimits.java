package dev.narthex.publish;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.Settings;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.FilterInputStream;
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
    private static final int MOST_CACHES = 10_000;
    private static final Duration FORGOTTEN = Duration.ofHours(1);

    private final Settings settings;
    private final com.github.benmanes.caffeine.cache.Cache<Long, Bucket> buckets = Caffeine.newBuilder()
            .maximumSize(MOST_CACHES)
            .expireAfterAccess(FORGOTTEN)
            .build();

    UploadLimits(Settings settings) {
        this.settings = settings;
    }

    /**
     * Admits an upload and returns its body, whose bytes are counted against the rate.
     *
     * @param narSize minimum size of the NAR in bytes
     * @throws dev.narthex.problem.ProblemException TooLarge, TooManyRequests
     */
    public InputStream admit(Cache cache, long narSize, InputStream body) {
        var room = settings.room(cache.id());
        room.require(narSize);
        return room.uploadBytesPerMinute()
                .<InputStream>map(rate -> {
                    var bucket = buckets.get(cache.id(), id -> new Bucket());
                    bucket.require(rate);
                    return new Counted(body, bucket);
                })
                .orElse(body);
    }

    /**
     * Returns the minimum size in bytes of a NAR in a compressed file of this length. Incompressible data grows by less than the
     * difference.
     */
    public static long leastNarSize(long fileLength) {
        return Math.max(1, fileLength - fileLength / 64 - 4096);
    }

    /** A token bucket. Stores how many bytes are missing to full; it refills over time. */
    private static final class Bucket {
        private double missing;
        private long at = System.nanoTime();

        synchronized void require(long perMinute) {
            long now = System.nanoTime();
            double perSecond = perMinute / 60.0;
            missing = Math.max(0, missing - perSecond * (now - at) / 1e9);
            at = now;
            if (missing >= perMinute) {
                double seconds = Math.min((missing - perMinute) / perSecond + 1, FORGOTTEN.toSeconds());
                throw new Problem.TooManyRequests(
                                "To this cache " + perMinute
                                        + " bytes may be sent in a minute (uploadBytesPerMinute). Send the rest later, or"
                                        + " ask an admin of this instance for more.",
                                (int) Math.ceil(seconds))
                        .asException();
            }
        }

        synchronized void take(int bytes) {
            missing += bytes;
        }
    }

    private static final class Counted extends FilterInputStream {
        private final Bucket bucket;

        Counted(InputStream body, Bucket bucket) {
            super(body);
            this.bucket = bucket;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            if (read >= 0) {
                bucket.take(1);
            }
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                bucket.take(read);
            }
            return read;
        }
    }
}
