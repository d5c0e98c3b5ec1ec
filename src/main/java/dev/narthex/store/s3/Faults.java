package dev.narthex.store.s3;

import dev.narthex.problem.UnreachableException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Converts failures of S3 calls, after all retries, to exceptions and messages. */
final class Faults {
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int MOVED = 301;

    private Faults() {}

    /** Runs an S3 call and converts its exception. */
    static <T> T call(String what, Supplier<T> call) throws IOException {
        try {
            return call.get();
        } catch (SdkException e) {
            throw explained(what, e);
        }
    }

    /** @param what the key, or the purpose of the call */
    static IOException explained(String what, SdkException e) {
        return absent(e) ? new NoSuchFileException(what) : new UnreachableException(what + ": " + e.getMessage(), e);
    }

    static boolean absent(SdkException e) {
        return !(e instanceof NoSuchBucketException) && status(e) == NOT_FOUND;
    }

    /** Describes a configuration error in one sentence. */
    static String ofSettings(Bucket bucket, SdkException e) {
        return switch (status(e)) {
            case NOT_FOUND ->
                "There is no bucket “" + bucket.name() + "” at " + bucket.place()
                        + ". Make it, or set narthex.s3.bucket to one that is there.";
            case FORBIDDEN ->
                bucket.place() + " refuses these keys for the bucket “" + bucket.name()
                        + "”. They must be allowed to list it and to read, write and delete in it: narthex.s3.access-key,"
                        + " narthex.s3.secret-key, or those of the environment.";
            case MOVED -> "The bucket “" + bucket.name() + "” is in another region: set narthex.s3.region to its own.";
            case 0 -> bucket.place() + " does not answer: " + reason(e);
            default -> bucket.place() + " answers " + status(e) + ": " + reason(e);
        };
    }

    private static int status(SdkException e) {
        return e instanceof S3Exception answered ? answered.statusCode() : 0;
    }

    private static String reason(SdkException e) {
        Throwable last = e;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return String.valueOf(last.getMessage()).replaceAll("\\s+", " ");
    }
}
