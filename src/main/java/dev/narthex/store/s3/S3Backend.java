package dev.narthex.store.s3;

import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.SnapshotKey;
import dev.narthex.store.pack.StoreKey;
import io.quarkus.arc.lookup.LookupUnlessProperty;
import io.quarkus.logging.Log;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchUploadException;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Stores packs and snapshots as objects of a bucket, under the same paths as in a directory. */
@Singleton
@LookupUnlessProperty(name = "narthex.s3.bucket", stringValue = "", lookupIfMissing = false)
public class S3Backend implements Backend {
    /** Allows objects of 80 GB with the maximum of 10,000 parts. */
    private static final int PART_BYTES = 8 << 20;

    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(10);
    private static final int STATUS_RANGE_NOT_SATISFIABLE = 416;
    private static final String MEDIA_TYPE = "application/zstd";

    private final Bucket bucket;
    private final boolean redirect;
    private final Path spool;
    private final int partSize;

    @Inject
    S3Backend(S3Config config, @ConfigProperty(name = "narthex.data") Path data) {
        this(Bucket.of(config), config.redirect(), data.resolve("spool"), PART_BYTES);
    }

    /** Creates the backend for a command, which has no application context; empty if no bucket is configured. */
    public static Optional<Backend> fromSettings(Path data) {
        var config = new SmallRyeConfigBuilder()
                .addDefaultSources()
                .addDefaultInterceptors()
                .withMapping(S3Config.class)
                .withValidateUnknown(false)
                .build()
                .getConfigMapping(S3Config.class);
        return config.bucket().map(bucket -> new S3Backend(config, data));
    }

    /**
     * @param redirect whether clients are redirected to the bucket
     * @param spool folder in which parts are buffered
     */
    S3Backend(Bucket bucket, boolean redirect, Path spool, int partSize) {
        this.bucket = bucket;
        this.redirect = redirect;
        this.spool = spool;
        this.partSize = partSize;
    }

    @PreDestroy
    void close() {
        bucket.client().close();
        bucket.presigner().close();
    }

    @Override
    public int number() {
        return 1;
    }

    @Override
    public String name() {
        return "s3";
    }

    @Override
    public String location() {
        return "bucket " + bucket.name() + " at " + bucket.location();
    }

    /**
     * Lists, writes, reads and deletes an object, so that missing permissions are found at startup and not by the first upload.
     */
    @Override
    public void check() throws IOException {
        var key = "check/" + UUID.randomUUID();
        try {
            bucket.client()
                    .headBucket(head -> head.bucket(bucket.name())
                            .overrideConfiguration(configuration -> configuration.apiCallTimeout(CHECK_TIMEOUT)));
            bucket.client()
                    .listMultipartUploads(list -> list.bucket(bucket.name()).prefix(key));
            bucket.client()
                    .putObject(request -> request.bucket(bucket.name()).key(key), RequestBody.fromString("narthex"));
            bucket.client().headObject(head -> head.bucket(bucket.name()).key(key));
            bucket.client().deleteObject(delete -> delete.bucket(bucket.name()).key(key));
        } catch (SdkException e) {
            throw new IOException(S3Errors.describeSettingsError(bucket, e));
        }
    }

    @Override
    public Writer openWriter(StoreKey key) throws IOException {
        return new S3ObjectWriter(bucket, key.path(), spool, partSize);
    }

    @Override
    public InputStream open(StoreKey key, long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, Long.MAX_VALUE);
        try {
            return count == 0 ? emptyStream(key, from) : new S3ObjectInputStream(bucket, key.path(), from, count);
        } catch (IOException e) {
            if (e.getCause() instanceof S3Exception s3Exception
                    && s3Exception.statusCode() == STATUS_RANGE_NOT_SATISFIABLE) {
                throw new IndexOutOfBoundsException("byte " + from + " of " + key.path());
            }
            throw e;
        }
    }

    /** HTTP has no empty range, so existence and bounds are checked with HEAD. */
    private InputStream emptyStream(StoreKey key, long from) throws IOException {
        long size = size(key).orElseThrow(() -> new NoSuchFileException(key.path()));
        Objects.checkFromIndexSize(from, 0, size);
        return InputStream.nullInputStream();
    }

    @Override
    public OptionalLong size(StoreKey key) throws IOException {
        try {
            return OptionalLong.of(bucket.client()
                    .headObject(head -> head.bucket(bucket.name()).key(key.path()))
                    .contentLength());
        } catch (SdkException e) {
            if (S3Errors.isNotFound(e)) {
                return OptionalLong.empty();
            }
            throw S3Errors.translate(key.path(), e);
        }
    }

    @Override
    public void delete(StoreKey key) throws IOException {
        try {
            for (var upload : listUploads(key.path())) {
                if (upload.key().equals(key.path())) {
                    abort(upload);
                }
            }
            bucket.client().deleteObject(delete -> delete.bucket(bucket.name()).key(key.path()));
        } catch (SdkException e) {
            if (!S3Errors.isNotFound(e)) {
                throw S3Errors.translate(key.path(), e);
            }
        }
    }

    @Override
    public Optional<Path> file(StoreKey key) {
        return Optional.empty();
    }

    @Override
    public Optional<URI> presignedUrl(StoreKey key, Duration validity) {
        var presigned = bucket.presigner()
                .presignGetObject(sign -> sign.signatureDuration(validity)
                        .getObjectRequest(
                                get -> get.bucket(bucket.name()).key(key.path()).responseContentType(MEDIA_TYPE)));
        return Optional.of(URI.create(presigned.url().toString()));
    }

    @Override
    public boolean canRedirect() {
        return redirect;
    }

    @Override
    public int deleteUnfinished(Duration age) throws IOException {
        var cutoff = Instant.now().minus(age);
        int deleted = 0;
        try {
            for (var folder : List.of(PackKey.FOLDER, SnapshotKey.FOLDER)) {
                for (var upload : listUploads(folder + "/")) {
                    if (upload.initiated().isBefore(cutoff)
                            && lastPartTime(upload).isBefore(cutoff)) {
                        abort(upload);
                        deleted++;
                    }
                }
            }
        } catch (SdkException e) {
            throw S3Errors.translate("unfinished packs", e);
        }
        return deleted;
    }

    @Override
    public Stream<BackendObject> list(String folder) throws IOException {
        return S3Errors.call(
                folder,
                () -> bucket
                        .client()
                        .listObjectsV2Paginator(
                                list -> list.bucket(bucket.name()).prefix(folder + "/"))
                        .contents()
                        .stream()
                        .map(object -> new BackendObject(object.key(), object.size())));
    }

    /**
     * Other replicas may be uploading, hence a whole day. Leftovers that a row refers to are deleted much earlier through that
     * row.
     */
    @Override
    public Duration maxWriterPause() {
        return Duration.ofDays(1);
    }

    /** An upper bound: proxies in front of a bucket and the bucket itself give up on a request earlier. */
    @Override
    public Duration maxWriteDelay() {
        return Duration.ofMinutes(15);
    }

    private Iterable<MultipartUpload> listUploads(String prefix) {
        return bucket.client()
                .listMultipartUploadsPaginator(
                        list -> list.bucket(bucket.name()).prefix(prefix))
                .uploads();
    }

    /** Returns when a part of the upload was last written. */
    private Instant lastPartTime(MultipartUpload upload) {
        return bucket
                .client()
                .listPartsPaginator(
                        list -> list.bucket(bucket.name()).key(upload.key()).uploadId(upload.uploadId()))
                .parts()
                .stream()
                .map(Part::lastModified)
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
    }

    /** Ignores that another process has already completed or aborted the upload. */
    private void abort(MultipartUpload upload) {
        try {
            bucket.client()
                    .abortMultipartUpload(abort ->
                            abort.bucket(bucket.name()).key(upload.key()).uploadId(upload.uploadId()));
        } catch (NoSuchUploadException e) {
            Log.debugf("the upload of %s has ended", upload.key());
        }
    }
}
