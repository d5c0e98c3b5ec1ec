package dev.narthex.publish.registry;

import dev.narthex.http.CurrentRequest;
import dev.narthex.http.DiskFullErrors;
import dev.narthex.http.UnlinkedTempFile;
import dev.narthex.limits.CpuPermits;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.publish.recognize.FileDigests;
import dev.narthex.publish.recognize.MultiDigest;
import dev.narthex.spi.ReceivedFile;
import dev.narthex.stream.BlockInputStream;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Stores files on disk that clients upload inside a document. The length of the file, with which a NAR begins, may follow the file
 * in the document or be missing, and so may the metadata. So a file is received completely before it is validated and stored.
 */
@Singleton
class UploadSpool {
    private static final String DISK_FULL_MESSAGE = "The disk for uploads is full. Nothing was published.";

    private static final int BLOCK_BYTES = 128 << 10;
    private static final byte[] NO_BUFFER = {};

    private final Path folder;

    private final CpuPermits permits;

    UploadSpool(@ConfigProperty(name = "narthex.data") Path data, CpuPermits permits) {
        this.folder = data.resolve("spool");
        this.permits = permits;
    }

    /**
     * Writes the source to an unlinked temporary file. Closing the result frees the space.
     *
     * @param maxSize maximum size in bytes
     * @throws dev.narthex.problem.ProblemException TooLarge, InsufficientStorage
     */
    ReceivedFile receive(ReceivedFile.Source source, long maxSize) throws IOException {
        var channel = UnlinkedTempFile.open(folder);
        try {
            var output = new SpoolOutputStream(channel, maxSize);
            source.writeTo(output);
            return new SpooledFile(channel, output.finish(), permits, CurrentRequest.clientAddress());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Writes in pieces: while one is received, another thread digests the previous one. */
    private final class SpoolOutputStream extends OutputStream {
        private final FileChannel channel;
        private final long maxSize;
        private final MultiDigest multiDigest = new MultiDigest();
        private byte[] block = new byte[BLOCK_BYTES];
        private byte[] spareBlock = NO_BUFFER;
        private int filled;
        private long remaining;
        private @Nullable BackgroundTask<Boolean> digestTask;

        SpoolOutputStream(FileChannel channel, long maxSize) {
            this.channel = channel;
            this.maxSize = maxSize;
            this.remaining = maxSize;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            remaining -= length;
            if (remaining < 0) {
                throw Problem.tooLarge("file", "A file may have " + maxSize + " bytes here. Nothing was published.");
            }
            int at = offset;
            int end = offset + length;
            while (at < end) {
                int n = Math.min(end - at, block.length - filled);
                System.arraycopy(bytes, at, block, filled, n);
                filled += n;
                at += n;
                if (filled == block.length) {
                    flushBlock();
                }
            }
        }

        private void flushBlock() throws IOException {
            awaitDigest();
            var full = block;
            digestTask = BackgroundTask.start("digests", () -> {
                multiDigest.update(full, 0, full.length);
                return true;
            });
            writeToFile(full, full.length);
            block = spareBlock == NO_BUFFER ? new byte[BLOCK_BYTES] : spareBlock;
            spareBlock = full;
            filled = 0;
        }

        FileDigests finish() throws IOException {
            awaitDigest();
            multiDigest.update(block, 0, filled);
            writeToFile(block, filled);
            return multiDigest.finish();
        }

        private void awaitDigest() throws IOException {
            if (digestTask != null) {
                digestTask.awaitResult();
            }
        }

        private void writeToFile(byte[] bytes, int count) throws IOException {
            var buffer = ByteBuffer.wrap(bytes, 0, count);
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw DiskFullErrors.translate(e, folder, DISK_FULL_MESSAGE);
            }
        }
    }

    /** @param caller address of the uploading client, to which the CPU time of later work is attributed */
    private record SpooledFile(FileChannel channel, FileDigests digests, CpuPermits permits, String caller)
            implements ReceivedFile {
        @Override
        public long length() {
            return digests.length();
        }

        @Override
        public NixHash hash(HashAlgorithm algorithm) {
            return digests.hash(algorithm);
        }

        @Override
        public InputStream open() {
            return permits.bound(
                    new SpooledFileInputStream(channel, digests.length()), caller, CpuPermits.BusyPolicy.WAIT);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Reads the file from its start, with its own position. */
    private static final class SpooledFileInputStream extends BlockInputStream {
        private final FileChannel channel;
        private final long length;
        private long position;

        SpooledFileInputStream(FileChannel channel, long length) {
            this.channel = channel;
            this.length = length;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = channel.read(ByteBuffer.wrap(bytes, offset, length), position);
            position += Math.max(n, 0);
            return n;
        }

        @Override
        public int available() {
            return (int) Math.min(length - position, Integer.MAX_VALUE);
        }
    }
}
