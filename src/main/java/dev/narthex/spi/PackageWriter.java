package dev.narthex.spi;

import java.io.IOException;
import java.util.function.Consumer;

/** One package of one cache, as far as the caller may change it. Whatever is changed is in the audit, under his name. */
public interface PackageWriter extends Intake {
    /** The cache, for reading. */
    Registry registry();

    /**
     * Publishes one file of a release, all or nothing: its bytes are durable and named before this returns. They are promised,
     * and the package's name is this cache's own from then on. Again with the same bytes it changes nothing but tags.
     *
     * @param check refuses by throwing
     * @return whether the file is new
     * @throws dev.narthex.problem.ProblemException Conflict if the file name is here, or was, with other bytes, or the package
     *     is too similar to another one, and {@code check} let that pass
     */
    boolean publish(Publication publication, Received file, Consumer<Place> check) throws IOException;

    /**
     * Changes the package, all or nothing.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if nothing of it is released, and whatever the changes throw
     */
    void change(PackageEdit.Changes changes);
}
