package dev.narthex.client.support;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;

/**
 * A NAR of one large file, generated on the fly from a seed, never in memory or on disk.
 *
 * @param like seed of another NAR with the same first half
 */
public record SeededNar(long seed, long contentBytes, long like) {
    /** Creates a NAR that shares no chunks with others. */
    public SeededNar(long seed, long contentBytes) {
        this(seed, contentBytes, seed);
    }

    /** Returns the bytes of the NAR, equal for each call. */
    public InputStream open() throws IOException {
        return new SequenceInputStream(Collections.enumeration(List.of(head(), content(), tail())));
    }

    /** Returns the same bytes; the second half is sent after a signal. */
    public InputStream halting(CountDownLatch begun, CountDownLatch goOn) {
        try {
            return new FilterInputStream(open()) {
                private long sent;

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    int read = super.read(buffer, offset, length);
                    sent += read;
                    if (sent > narSize() / 2) {
                        begun.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                    }
                    return read;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public long narSize() {
        return NarWriter.flatSize(contentBytes);
    }

    public NixHash hash() throws IOException {
        var digest = HashAlgorithm.SHA256.newDigest();
        try (var in = new DigestInputStream(open(), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return NixHash.of(HashAlgorithm.SHA256, digest.digest());
    }

    public StorePath path() {
        var digits = Long.toString(seed & 0xFFFFF) + "00000000000000000000000000000000";
        return new StorePath(digits.substring(0, 32), "made-" + contentBytes + ".bin-1.0");
    }

    public NarInfo narInfo(String url) throws IOException {
        return new NarInfo(
                path(),
                url,
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                hash(),
                narSize(),
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    private InputStream head() throws IOException {
        var out = new java.io.ByteArrayOutputStream();
        for (var word : List.of("nix-archive-1", "(", "type", "regular", "contents")) {
            out.write(little(word.length()));
            out.write(word.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            out.write(new byte[(8 - word.length() % 8) % 8]);
        }
        out.write(little(contentBytes));
        return new java.io.ByteArrayInputStream(out.toByteArray());
    }

    private InputStream tail() {
        var tail = new byte[(int) ((8 - contentBytes % 8) % 8) + 16];
        tail[tail.length - 16] = 1;
        tail[tail.length - 8] = ')';
        return new java.io.ByteArrayInputStream(tail);
    }

    private static byte[] little(long value) {
        return java.nio.ByteBuffer.allocate(8)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    private InputStream content() {
        long half = contentBytes / 2;
        return seed == like
                ? made(seed, contentBytes)
                : new SequenceInputStream(made(like, half), made(seed, contentBytes - half));
    }

    /** Three blocks in four do not compress. */
    private static InputStream made(long seed, long bytes) {
        return new SeededInputStream(seed, bytes, block -> block % 4 != 3);
    }
}
