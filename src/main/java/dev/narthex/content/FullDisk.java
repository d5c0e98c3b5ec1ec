package dev.narthex.content;

import dev.narthex.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells a disk that is full, which its operator must mend and is said so (507), from faults. */
public final class FullDisk {
    /** Less than this free space explains a failed write. */
    private static final long FULL_BYTES = 4L << 20;

    private FullDisk() {}

    /**
     * Call it while what was written is still there: once it is gone, there is space again.
     *
     * @param folder on the disk on which writing failed with {@code e}
     * @param detail what to say of it, and what came of the request
     * @return {@code e} if there is space
     * @throws dev.narthex.problem.ProblemException InsufficientStorage
     */
    public static IOException explained(IOException e, Path folder, String detail) {
        try {
            if (Files.getFileStore(folder).getUsableSpace() < FULL_BYTES) {
                throw new Problem.InsufficientStorage(detail).asException();
            }
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
        }
        return e;
    }
}
