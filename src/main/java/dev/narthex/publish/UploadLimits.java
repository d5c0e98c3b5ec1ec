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
 * What may be sent to a cache, judged before any of it is read. Whether a path has room is judged again, exactly, when it is
 * entered; this spares a client the sending.
 *
 * <p>The rate is that of a bucket, for each cache and on each replica: it holds what may come in a minute, and whoever finds
 * something in it may send a file of any length, which is taken out as it arrives. So long files come through in one piece, and
 * others wait for longer afterwards.
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
     * The body, whose bytes count from now on.
     *
     * @param narSize at least
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

    /** What a NAR has at least in a file of this length: what cannot be compressed grows by less. */
    public static long leastNarSize(long fileLength) {
        return Math.max(1, fileLength - fileLength / 64 - 4096);
    }

    /** How much less than full it is; it fills as time passes. */
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
