package dev.narthex.publish;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Received;
import dev.narthex.store.Staged;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;

/**
 * A received file that is being stored in the background while it is validated; both take about as long as reading it. The stored
 * bytes are referenced by nothing until the file is published. Closing this object before that removes them from the store.
 */
final class Arriving implements Received {
    private final Received file;
    private final Aside<Staged> staging;

    private Arriving(Received file, Aside<Staged> staging) {
        this.file = file;
        this.staging = staging;
    }

    /** @param stageTask reads and stores the file; runs on another thread */
    static Arriving begin(Received file, Callable<Staged> stageTask) {
        return new Arriving(file, Aside.start("storing", stageTask));
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public NixHash hash(HashAlgorithm algorithm) {
        return file.hash(algorithm);
    }

    @Override
    public InputStream open() throws IOException {
        return file.open();
    }

    /** Waits until the file is durable. This object closes the result. */
    Staged awaitStaged() throws IOException {
        return staging.awaitResult();
    }

    @Override
    public void close() throws IOException {
        // Closing the file makes storing fail if it still runs.
        file.close();
        Staged staged;
        try {
            staged = staging.awaitResult();
        } catch (IOException | RuntimeException e) {
            // The caller of stored() got this exception; nothing was stored.
            return;
        }
        staged.close();
    }
}
