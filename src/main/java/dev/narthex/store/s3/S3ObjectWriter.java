package dev.narthex.store.s3;

import dev.narthex.limits.CpuPermits;
import dev.narthex.store.pack.Backend;
import io.quarkus.logging.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;

/**
 * Writes one object: with a single PUT if it fits into one part, else as a multipart upload. Either way the object becomes
 * visible as a whole after the last request, or not at all.
 */
final class S3ObjectWriter implements Backend.Writer {
    private static final String MEDIA_TYPE = "application/zstd";

    private final Bucket bucket;
    private final String key;
    private final int partSize;
    private final PartFile part;
    private final List<CompletedPart> completedParts = new ArrayList<>();
    private long length;
    private @Nullable String uploadId;

    /** @param partSize in bytes; S3 requires at least 5 MiB for all parts but the last, and allows at most 10,000 parts */
    S3ObjectWriter(Bucket bucket, String key, Path spool, int partSize) throws IOException {
        this.bucket = bucket;
        this.key = key;
        this.partSize = partSize;
        this.part = new PartFile(spool);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        int written = 0;
        while (written < count) {
            if (part.length() == partSize) {
                CpuPermits.whileWaiting(this::sendPart);
            }
            int n = Math.min(count - written, partSize - part.length());
            part.write(bytes, from + written, n);
            written += n;
        }
        length += count;
    }

    @Override
    public void commit() throws IOException {
        if (uploadId == null) {
            S3Errors.call(
                    key,
                    () -> bucket.client()
                            .putObject(
                                    request -> request.bucket(bucket.name())
                                            .key(key)
                                            .contentType(MEDIA_TYPE)
                                            .contentMD5(part.md5()),
                                    part.body(MEDIA_TYPE)));
        } else {
            sendPart();
            completeUpload();
        }
    }

    private void sendPart() throws IOException {
        if (uploadId == null) {
            uploadId = S3Errors.call(
                    key,
                    () -> bucket.client()
                            .createMultipartUpload(create ->
                                    create.bucket(bucket.name()).key(key).contentType(MEDIA_TYPE))
                            .uploadId());
        }
        int number = completedParts.size() + 1;
        var md5 = part.md5();
        var response = S3Errors.call(
                key,
                () -> bucket.client()
                        .uploadPart(
                                send -> send.bucket(bucket.name())
                                        .key(key)
                                        .uploadId(uploadId)
                                        .partNumber(number)
                                        .contentMD5(md5),
                                part.body(MEDIA_TYPE)));
        completedParts.add(
                CompletedPart.builder().partNumber(number).eTag(response.eTag()).build());
        part.clear();
    }

    private void completeUpload() throws IOException {
        try {
            bucket.client()
                    .completeMultipartUpload(complete -> complete.bucket(bucket.name())
                            .key(key)
                            .uploadId(uploadId)
                            .multipartUpload(parts -> parts.parts(completedParts)));
        } catch (NoSuchUploadException e) {
            requireCompleted(e);
        } catch (SdkException e) {
            throw S3Errors.translate(key, e);
        }
        uploadId = null;
    }

    /** Handles a retried completion: if the first response was lost, the upload no longer exists but the object does. */
    private void requireCompleted(NoSuchUploadException e) throws IOException {
        long actualLength = S3Errors.call(
                        key,
                        () -> bucket.client()
                                .headObject(head -> head.bucket(bucket.name()).key(key)))
                .contentLength();
        if (actualLength != length) {
            throw S3Errors.translate(key, e);
        }
    }

    @Override
    public void close() throws IOException {
        part.close();
        if (uploadId != null) {
            try {
                bucket.client()
                        .abortMultipartUpload(
                                abort -> abort.bucket(bucket.name()).key(key).uploadId(uploadId));
            } catch (SdkException e) {
                Log.warnf("upload of pack %s stays until the sweep: %s", key, e.getMessage());
            }
            uploadId = null;
        }
    }
}
