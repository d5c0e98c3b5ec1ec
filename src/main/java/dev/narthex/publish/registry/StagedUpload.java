package dev.narthex.publish.registry;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.store.StagedNar;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;

/**
 * A received file that is being stored in the background while it is validated; both take about as long as reading it. The stored
 * bytes are referenced by nothing until the file is published. Closing this object before that removes them from the store.
 */
final class StagedUpload implements ReceivedFile {
    private final ReceivedFile file;
    private final BackgroundTask<StagedNar> staging;

    private StagedUpload(ReceivedFile file, BackgroundTask<StagedNar> staging) {
        this.file = file;
        this.staging = staging;
    }

    /** @param stageTask reads and stores the file; runs on another thread */
    static StagedUpload begin(ReceivedFile file, Callable<StagedNar> stageTask) {
        return new StagedUpload(file, BackgroundTask.start("storing", stageTask));
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
    StagedNar awaitStaged() throws IOException {
        return staging.awaitResult();
    }

    @Override
    public void close() throws IOException {
        // Closing the file makes storing fail if it still runs.
        file.close();
        StagedNar staged;
        try {
            staged = staging.awaitResult();
        } catch (IOException | RuntimeException e) {
            // The caller of stored() got this exception; nothing was stored.
            return;
        }
        staged.close();
    }
}
