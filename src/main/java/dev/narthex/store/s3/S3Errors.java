package dev.narthex.store.s3;

import dev.narthex.problem.UnreachableException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Converts failures of S3 calls, after all retries, to exceptions and messages. */
final class S3Errors {
    private static final int STATUS_NOT_FOUND = 404;
    private static final int STATUS_FORBIDDEN = 403;
    private static final int STATUS_MOVED_PERMANENTLY = 301;

    private S3Errors() {}

    /** Runs an S3 call and converts its exception. */
    static <T> T call(String subject, Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (SdkException e) {
            throw translate(subject, e);
        }
    }

    /** @param subject the key, or the purpose of the call */
    static IOException translate(String subject, SdkException e) {
        return isNotFound(e)
                ? new NoSuchFileException(subject)
                : new UnreachableException(subject + ": " + e.getMessage(), e);
    }

    static boolean isNotFound(SdkException e) {
        return !(e instanceof NoSuchBucketException) && status(e) == STATUS_NOT_FOUND;
    }

    /** Describes a configuration error in one sentence. */
    static String describeSettingsError(Bucket bucket, SdkException e) {
        return switch (status(e)) {
            case STATUS_NOT_FOUND ->
                "There is no bucket “" + bucket.name() + "” at " + bucket.location()
                        + ". Create it, or set narthex.s3.bucket to an existing bucket.";
            case STATUS_FORBIDDEN ->
                bucket.location() + " refuses these keys for the bucket “" + bucket.name()
                        + "”. They must be allowed to list it and to read, write and delete in it: narthex.s3.access-key,"
                        + " narthex.s3.secret-key, or those of the environment.";
            case STATUS_MOVED_PERMANENTLY ->
                "The bucket “" + bucket.name() + "” is in another region: set narthex.s3.region to its own.";
            case 0 -> bucket.location() + " does not answer: " + rootCauseMessage(e);
            default -> bucket.location() + " answers " + status(e) + ": " + rootCauseMessage(e);
        };
    }

    private static int status(SdkException e) {
        return e instanceof S3Exception s3Exception ? s3Exception.statusCode() : 0;
    }

    private static String rootCauseMessage(SdkException e) {
        Throwable rootCause = e;
        while (rootCause.getCause() != null) {
            rootCause = rootCause.getCause();
        }
        return String.valueOf(rootCause.getMessage()).replaceAll("\\s+", " ");
    }
}
