package dev.narthex.publish;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Received;
import dev.narthex.store.Staged;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;

/**
 * A file that goes into the store while it is judged: either takes as long as reading it. Nothing refers to what is stored
 * until it is published, and closed before that, it is gone from the store as well.
 */
final class Arriving implements Received {
    private final Received file;
    private final Aside<Staged> storing;

    private Arriving(Received file, Aside<Staged> storing) {
        this.file = file;
        this.storing = storing;
    }

    /** @param store reads the file, on another thread */
    static Arriving begin(Received file, Callable<Staged> store) {
        return new Arriving(file, Aside.start("storing", store));
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

    /** Waits until it is durable. This object closes it. */
    Staged stored() throws IOException {
        return storing.outcome();
    }

    @Override
    public void close() throws IOException {
        // what is still being stored ends here, for want of a file
        file.close();
        Staged staged;
        try {
            staged = storing.outcome();
        } catch (IOException | RuntimeException e) {
            // told to whoever asked for it; nothing was stored
            return;
        }
        staged.close();
    }
}
