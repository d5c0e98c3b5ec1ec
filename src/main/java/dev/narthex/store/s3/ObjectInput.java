package dev.narthex.store.s3;

import io.quarkus.logging.Log;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
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
final class ObjectInput extends InputStream {
    /** Maximum consecutive failures without receiving a byte. */
    private static final int TRIES = 5;

    private static final long PAUSE_MILLIS = 100;

    private final Bucket bucket;
    private final String key;
    private final long end;
    private long at;
    private int failures;
    private @Nullable ResponseInputStream<GetObjectResponse> in;

    /**
     * @param count at least 1
     * @throws IndexOutOfBoundsException if the object is too short
     */
    ObjectInput(Bucket bucket, String key, long from, long count) throws IOException {
        this.bucket = bucket;
        this.key = key;
        this.at = from;
        this.end = from + count;
        var first = request();
        this.in = first;
        try {
            Objects.checkFromIndexSize(from, count, total(first.response()));
        } catch (IndexOutOfBoundsException e) {
            close();
            throw e;
        }
    }

    private ResponseInputStream<GetObjectResponse> request() throws IOException {
        return Faults.call(
                key,
                () -> bucket.client()
                        .getObject(get -> get.bucket(bucket.name()).key(key).range("bytes=" + at + "-" + (end - 1))));
    }

    /** Returns the size of the whole object in bytes. */
    private static long total(GetObjectResponse answer) {
        var range = answer.contentRange();
        return range == null ? answer.contentLength() : Long.parseLong(range.substring(range.indexOf('/') + 1));
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, b.length);
        if (len == 0) {
            return 0;
        }
        if (at == end) {
            return -1;
        }
        while (true) {
            try {
                int n = open().read(b, off, (int) Math.min(len, end - at));
                if (n < 0) {
                    throw new EOFException("the answer ends " + (end - at) + " bytes early");
                }
                at += n;
                failures = 0;
                return n;
            } catch (NoSuchFileException e) {
                throw e;
            } catch (IOException | SdkException e) {
                again(e);
            }
        }
    }

    private ResponseInputStream<GetObjectResponse> open() throws IOException {
        var open = in;
        if (open == null) {
            open = request();
            in = open;
        }
        return open;
    }

    private void again(Exception e) throws IOException {
        drop();
        failures++;
        if (failures == TRIES) {
            throw new IOException(key + " cannot be read on from byte " + at, e);
        }
        Log.debugf("%s broke off at byte %d: %s", key, at, e.getMessage());
        try {
            TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(PAUSE_MILLIS << failures));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException(interrupted);
        }
    }

    private void drop() {
        var open = in;
        in = null;
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public void close() throws IOException {
        var open = in;
        if (at == end && open != null) {
            in = null;
            open.close();
        }
        drop();
    }
}
