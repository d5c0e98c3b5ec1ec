package dev.narthex.spi;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * Write access to one package of one cache, within the caller's permissions. Every change is recorded in the audit log under the
 * caller's name.
 */
public interface PackageWriter extends UploadIntake {
    /** The same cache, for reading. */
    Registry registry();

    /**
     * Publishes one file of a release, all or nothing: when this returns, the bytes are durable and have their name. The file
     * name is promised and the cache owns the package name from then on. Publishing the same bytes again changes only tags.
     *
     * @param check sees the current state and refuses the file by throwing
     * @return whether the file is new
     * @throws dev.narthex.problem.ProblemException Conflict if {@code check} did not refuse it, but the file name has or had
     *     other bytes, or the package name is too similar to another one
     */
    boolean publish(Publication publication, ReceivedFile file, Consumer<PublishTarget> check) throws IOException;

    /**
     * Changes the package, all or nothing.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if no version is released; any exception of the changes
     */
    void change(PackageEdit.ChangeFunction changes);
}
