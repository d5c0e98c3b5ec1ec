package dev.narthex.store.s3;

import dev.narthex.stream.BlockInputStream;
import io.quarkus.logging.Log;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Streams bytes [from, from + count) of an object. If the connection breaks, or the server closes it because the reader is
 * slow, reading continues with another request; this is safe because objects never change. Closing it early drops the
 * connection instead of reading the rest. Not thread-safe.
 */
final class S3ObjectInputStream extends BlockInputStream {
    /** Maximum consecutive failures without receiving a byte. */
    private static final int MAX_FAILURES = 5;

    private static final long RETRY_DELAY_MILLIS = 100;

    private final Bucket bucket;
    private final String key;
    private final long end;
    private long position;
    private int failures;
    private @Nullable ResponseInputStream<GetObjectResponse> response;

    /**
     * @param count at least 1
     * @throws IndexOutOfBoundsException if the object is too short
     */
    S3ObjectInputStream(Bucket bucket, String key, long from, long count) throws IOException {
        this.bucket = bucket;
        this.key = key;
        this.position = from;
        this.end = from + count;
        var initial = requestRange();
        this.response = initial;
        try {
            Objects.checkFromIndexSize(from, count, objectSize(initial.response()));
        } catch (IndexOutOfBoundsException e) {
            close();
            throw e;
        }
    }

    private ResponseInputStream<GetObjectResponse> requestRange() throws IOException {
        return S3Errors.call(
                key,
                () -> bucket.client()
                        .getObject(get ->
                                get.bucket(bucket.name()).key(key).range("bytes=" + position + "-" + (end - 1))));
    }

    /** Returns the size of the whole object in bytes. */
    private static long objectSize(GetObjectResponse metadata) {
        var range = metadata.contentRange();
        return range == null ? metadata.contentLength() : Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        if (position == end) {
            return -1;
        }
        while (true) {
            try {
                int n = openResponse().read(b, off, (int) Math.min(len, end - position));
                if (n < 0) {
                    throw new EOFException("the answer ends " + (end - position) + " bytes early");
                }
                position += n;
                failures = 0;
                return n;
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException | SdkException e) {
                prepareRetry(e);
            }
        }
    }

    private ResponseInputStream<GetObjectResponse> openResponse() throws IOException {
        var stream = response;
        if (stream == null) {
            stream = requestRange();
            response = stream;
        }
        return stream;
    }

    private void prepareRetry(Exception e) throws IOException {
        abortResponse();
        failures++;
        if (failures == MAX_FAILURES) {
            throw new IOException(key + " cannot be read on from byte " + position, e);
        }
        Log.debugf("%s broke off at byte %d: %s", key, position, e.getMessage());
        try {
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(RETRY_DELAY_MILLIS << failures));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    private void abortResponse() {
        var stream = response;
        response = null;
        if (stream != null) {
            stream.abort();
        }
    }

    @Override
    public void close() throws IOException {
        var stream = response;
        if (position == end && stream != null) {
            response = null;
            stream.close();
        }
        abortResponse();
    }
}
