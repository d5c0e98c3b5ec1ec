package dev.narthex.http;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Distinguishes a full disk, which the administrator must fix (507), from other failures. */
public final class DiskFullErrors {
    /** If less than this many bytes are free, a failed write is attributed to a full disk. */
    private static final long MIN_FREE_BYTES = 4L << 20;

    private DiskFullErrors() {}

    /**
     * Converts a failed write to a problem if the disk is full. Call it before deleting what was written: afterwards there is
     * free space again.
     *
     * @param folder a folder on the disk on which writing failed with {@code e}
     * @param detail message for the client: says what is full and how the request ended
     * @return {@code e} if the disk is not full
     * @throws dev.narthex.problem.ProblemException InsufficientStorage if it is
     */
    public static IOException translate(IOException e, Path folder, String detail) {
        try {
            if (Files.getFileStore(folder).getUsableSpace() < MIN_FREE_BYTES) {
                throw Problem.insufficientStorage(detail);
            }
        } catch (IOException suppressed) {
            e.addSuppressed(suppressed);
        }
        return e;
    }
}
