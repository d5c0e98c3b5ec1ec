package dev.narthex.publish;

import dev.narthex.content.Client;
import dev.narthex.content.FullDisk;
import dev.narthex.content.NamelessFile;
import dev.narthex.limits.CpuPermits;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Received;
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
class Spool {
    private static final String FULL = "The disk on which files wait is full. Nothing was published.";

    private static final int PIECE_BYTES = 128 << 10;
    private static final byte[] NONE = {};

    private final Path folder;

    private final CpuPermits permits;

    Spool(@ConfigProperty(name = "narthex.data") Path data, CpuPermits permits) {
        this.folder = data.resolve("spool");
        this.permits = permits;
    }

    /**
     * Writes the source to an unlinked temporary file. Closing the result frees the space.
     *
     * @param largest maximum size in bytes
     * @throws dev.narthex.problem.ProblemException TooLarge, InsufficientStorage
     */
    Received receive(Received.Source source, long largest) throws IOException {
        var channel = NamelessFile.open(folder);
        try {
            var writing = new Writing(channel, largest);
            source.writeTo(writing);
            return new OnDisk(channel, writing.finish(), permits, Client.address());
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Writes in pieces: while one is received, another thread digests the previous one. */
    private final class Writing extends OutputStream {
        private final FileChannel channel;
        private final long largest;
        private final Digesting digesting = new Digesting();
        private byte[] piece = new byte[PIECE_BYTES];
        private byte[] other = NONE;
        private int filled;
        private long left;
        private @Nullable Aside<Boolean> before;

        Writing(FileChannel channel, long largest) {
            this.channel = channel;
            this.largest = largest;
            this.left = largest;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            left -= length;
            if (left < 0) {
                throw new Problem.TooLarge("file", "A file may have " + largest + " bytes here. Nothing was published.")
                        .asException();
            }
            int at = offset;
            int end = offset + length;
            while (at < end) {
                int n = Math.min(end - at, piece.length - filled);
                System.arraycopy(bytes, at, piece, filled, n);
                filled += n;
                at += n;
                if (filled == piece.length) {
                    pass();
                }
            }
        }

        private void pass() throws IOException {
            await();
            var full = piece;
            before = Aside.start("digests", () -> {
                digesting.update(full, 0, full.length);
                return true;
            });
            store(full, full.length);
            piece = other == NONE ? new byte[PIECE_BYTES] : other;
            other = full;
            filled = 0;
        }

        Measured finish() throws IOException {
            await();
            digesting.update(piece, 0, filled);
            store(piece, filled);
            return digesting.measured();
        }

        private void await() throws IOException {
            if (before != null) {
                before.outcome();
            }
        }

        private void store(byte[] bytes, int count) throws IOException {
            var buffer = ByteBuffer.wrap(bytes, 0, count);
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw FullDisk.explained(e, folder, FULL);
            }
        }
    }

    /** @param caller address of the uploading client, to which the CPU time of later work is attributed */
    private record OnDisk(FileChannel channel, Measured measured, CpuPermits permits, String caller)
            implements Received {
        @Override
        public long length() {
            return measured.length();
        }

        @Override
        public NixHash hash(HashAlgorithm algorithm) {
            return measured.hash(algorithm);
        }

        @Override
        public InputStream open() {
            return permits.bound(new Reading(channel, measured.length()), caller, CpuPermits.WhenBusy.WAIT);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Reads the file from its start, with its own position. */
    private static final class Reading extends InputStream {
        private final FileChannel channel;
        private final long length;
        private long at;

        Reading(FileChannel channel, long length) {
            this.channel = channel;
            this.length = length;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = channel.read(ByteBuffer.wrap(bytes, offset, length), at);
            at += Math.max(n, 0);
            return n;
        }

        @Override
        public int available() {
            return (int) Math.min(length - at, Integer.MAX_VALUE);
        }
    }
}
