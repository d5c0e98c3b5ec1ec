package dev.narthex.nix;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Computes the hash of a NAR modulo its own hash part path, which addresses content that refers to itself (NixOS/nix
 * src/libstore/references.cc, HashModuloSink). Each occurrence of the hash part is hashed as zero bytes. The offsets of the
 * occurrences follow after the NAR, each as {@code |} and a decimal number.
 *
 * <p>nix 2.17 to 2.34 omitted the offsets by mistake (NixOS/nix #15837). Paths with such hashes are in use and look like
 * any other, so both forms are accepted.
 *
 * <p>The NAR is read in one pass with a buffer of 64 KiB. Offsets are kept up to a limit; a NAR with more of them is read a
 * second time, so memory is bounded for any NAR.
 */
public final class HashModulo {
    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int MAX_OFFSETS_BYTES = 1 << 20;

    private final byte[] hashPart;
    private final int maxOffsetsBytes;

    /** How far the search advances, by the last byte of a window that did not match (Boyer-Moore-Horspool). */
    private final int[] shifts = new int[256];

    /** @param path the path whose NAR is hashed */
    public HashModulo(StorePath path) {
        this(path, MAX_OFFSETS_BYTES);
    }

    HashModulo(StorePath path, int maxOffsetsBytes) {
        this.hashPart = path.hash().getBytes(StandardCharsets.US_ASCII);
        this.maxOffsetsBytes = maxOffsetsBytes;
        Arrays.fill(shifts, hashPart.length);
        for (int i = 0; i < hashPart.length - 1; i++) {
            shifts[hashPart[i]] = hashPart.length - 1 - i;
        }
    }

    /** Opens the same NAR from its start on each call. */
    @FunctionalInterface
    public interface NarOpener {
        InputStream open() throws IOException;
    }

    /** Whether the NAR has this hash in one of the two forms. */
    public boolean matches(NixHash expected, NarOpener nar) throws IOException {
        var digest = expected.algorithm().newDigest();
        var offsets = new ByteArrayOutputStream();
        try (var in = nar.open()) {
            scan(in, digest::update, offset -> {
                if (offsets.size() <= maxOffsetsBytes) {
                    offsets.writeBytes(offsetText(offset));
                }
            });
        }
        if (Arrays.equals(copy(digest).digest(), expected.bytes())) {
            return true;
        }
        if (offsets.size() <= maxOffsetsBytes) {
            digest.update(offsets.toByteArray());
        } else {
            try (var in = nar.open()) {
                scan(in, (buffer, from, length) -> {}, offset -> digest.update(offsetText(offset)));
            }
        }
        return Arrays.equals(digest.digest(), expected.bytes());
    }

    @FunctionalInterface
    private interface ByteSink {
        void accept(byte[] buffer, int from, int length);
    }

    /** Passes on all bytes, with the hash part zeroed, and the offset of each occurrence. */
    private void scan(InputStream in, ByteSink sink, LongConsumer offsets) throws IOException {
        var buffer = new byte[BUFFER_SIZE];
        long start = 0;
        int carriedOver = 0;
        for (int count = 0; count >= 0; ) {
            count = in.read(buffer, carriedOver, buffer.length - carriedOver);
            int end = carriedOver + Math.max(0, count);
            for (int position = indexOfHashPart(buffer, 0, end);
                    position >= 0;
                    position = indexOfHashPart(buffer, position + hashPart.length, end)) {
                Arrays.fill(buffer, position, position + hashPart.length, (byte) 0);
                offsets.accept(start + position);
            }
            // an occurrence may start in the last bytes and continue in the next read
            int passedOn = count < 0 ? end : Math.max(0, end - hashPart.length + 1);
            sink.accept(buffer, 0, passedOn);
            System.arraycopy(buffer, passedOn, buffer, 0, end - passedOn);
            start += passedOn;
            carriedOver = end - passedOn;
        }
    }

    /** Returns the first occurrence in [from, end), or -1. */
    private int indexOfHashPart(byte[] buffer, int from, int end) {
        int last = hashPart.length - 1;
        for (int position = from; position + last < end; position += shifts[buffer[position + last] & 0xff]) {
            if (Arrays.equals(buffer, position, position + hashPart.length, hashPart, 0, hashPart.length)) {
                return position;
            }
        }
        return -1;
    }

    private static byte[] offsetText(long offset) {
        return ("|" + offset).getBytes(StandardCharsets.US_ASCII);
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
