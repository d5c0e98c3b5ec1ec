package dev.narthex.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Opens temporary files that are written, read again and discarded. On Unix, a file that is opened with DELETE_ON_CLOSE is
 * unlinked immediately, so a crash leaves nothing behind.
 */
public final class UnlinkedTempFile {
    private UnlinkedTempFile() {}

    /** @param folder created if absent */
    public static FileChannel open(Path folder) throws IOException {
        Files.createDirectories(folder);
        return FileChannel.open(
                folder.resolve(UUID.randomUUID().toString()),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }
}
