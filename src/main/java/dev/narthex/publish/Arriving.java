package dev.narthex.publish;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.Received;
import dev.narthex.store.Staged;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A file that goes into the store while it is judged: either takes as long as reading it. Nothing refers to what is stored
 * until it is published, and closed before that, it is gone from the store as well.
 */
final class Arriving implements Received {
    private final Received file;
    private final FutureTask<Staged> storing;

    private Arriving(Received file, FutureTask<Staged> storing) {
        this.file = file;
        this.storing = storing;
    }

    /** @param store reads the file, on another thread */
    static Arriving begin(Received file, Callable<Staged> store) {
        var storing = new FutureTask<>(store);
        Thread.ofVirtual().name("storing").start(storing);
        return new Arriving(file, storing);
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
        try {
            return storing.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("while a file was stored").initCause(e);
        }
    }

    @Override
    public void close() throws IOException {
        // what is still being stored ends here, for want of a file
        file.close();
        try {
            storing.get().close();
        } catch (ExecutionException e) {
            // told to whoever asked for it; nothing was stored
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
