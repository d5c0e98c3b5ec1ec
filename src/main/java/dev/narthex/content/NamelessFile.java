package dev.narthex.content;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file to be written, read again and forgotten. On Unix one that is to be deleted on close loses its name when it is opened: a
 * crash leaves nothing.
 */
public final class NamelessFile {
    private NamelessFile() {}

    /** @param folder is made if it is not there */
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
