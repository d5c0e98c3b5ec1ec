package dev.narthex.client.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A data folder after a first start and a clean stop, created once for each JVM. A start on a copy takes half of the CPU time
 * of a first start, which unpacks PostgreSQL and creates cluster and schema.
 */
final class DataFolderTemplate {
    private static final DataFolderTemplate ONE = new DataFolderTemplate();

    private final Path folder;

    private DataFolderTemplate() {
        try {
            folder = Server.freshFolder();
            Runtime.getRuntime().addShutdownHook(new Thread(this::delete));
            Server.start(folder, Server.SHORT_LIVED).close();
            Files.delete(folder.resolve("server.log"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static DataFolderTemplate instance() {
        return ONE;
    }

    /** With owners and modes, which PostgreSQL requires. */
    void copyTo(Path data) throws IOException {
        var copy = new ProcessBuilder("cp", "-a", folder + "/.", data.toString())
                .inheritIO()
                .start();
        try {
            if (copy.waitFor() != 0) {
                throw new IOException(folder + " cannot be copied to " + data);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private void delete() {
        try {
            DataFolders.delete(folder);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
