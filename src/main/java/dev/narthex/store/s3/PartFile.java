package dev.narthex.store.s3;

import dev.narthex.http.DiskFullErrors;
import dev.narthex.stream.BlockInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Buffers the next part of an object in a file. It must be kept for retries, and uploads are as slow as their clients, so in
 * memory a few dozen of them would use all of it. The file is unlinked after it is opened, so a crash leaves nothing behind. A
 * RandomAccessFile is used because a FileChannel is closed for good when its reader is interrupted by a call timeout.
 */
final class PartFile implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final String DISK_FULL_DETAIL = "There is no space left for new packages. Try again later.";

    private final Path folder;
    private final RandomAccessFile file;
    private final MessageDigest md5;
    private int length;

    /** @param folder created if absent */
    PartFile(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        try {
            var path = Files.createTempFile(folder, "part", "");
            this.file = new RandomAccessFile(path.toFile(), "rw");
            Files.delete(path);
            this.md5 = MessageDigest.getInstance("MD5");
        } catch (IOException e) {
            throw DiskFullErrors.translate(e, folder, DISK_FULL_DETAIL);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    int length() {
        return length;
    }

    void write(byte[] bytes, int from, int count) throws IOException {
        try {
            file.seek(length);
            file.write(bytes, from, count);
        } catch (IOException e) {
            throw DiskFullErrors.translate(e, folder, DISK_FULL_DETAIL);
        }
        md5.update(bytes, from, count);
        length += count;
    }

    /** Returns the MD5 of the part for Content-MD5. Call it once per part: it resets the digest. */
    String md5() {
        return Base64.getEncoder().encodeToString(md5.digest());
    }

    /** Returns a request body that can be read repeatedly, for retries. */
    RequestBody body(String type) {
        return RequestBody.fromContentProvider(
                () -> new BufferedInputStream(new PartInputStream(), BUFFER_BYTES), length, type);
    }

    /** Empties the file for the next part. */
    void clear() {
        length = 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private final class PartInputStream extends BlockInputStream {
        private int position;

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (len == 0) {
                return 0;
            }
            if (position == length) {
                return -1;
            }
            file.seek(position);
            int n = file.read(b, off, Math.min(len, length - position));
            position += Math.max(n, 0);
            return n;
        }
    }
}
