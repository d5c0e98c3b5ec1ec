package dev.narthex.nix;

import dev.narthex.limits.DecoderMemory;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * Passes concatenated zstd frames (RFC 8878 §3) to the decoder and reserves memory for the decoder's window after reading each
 * frame header. It parses all frame and block headers, because there is no other way to find the next frame.
 */
final class ZstdFrames extends FilterInputStream {
    private static final long MAGIC = 0xfd2fb528L;
    private static final long SKIPPABLE_MAGIC = 0x184d2a50L;
    private static final int BLOCK_BYTES = 128 << 10;
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] CONTENT_SIZE_BYTES = {0, 2, 4, 8};

    /** The part of a frame that is read next. */
    private enum Part {
        MAGIC(4),
        SKIPPABLE_SIZE(4),
        DESCRIPTOR(1),
        HEADER(0),
        BLOCK_HEADER(3);

        private final int length;

        Part(int length) {
            this.length = length;
        }
    }

    private final DecoderMemory.Share memory;
    private long taken;

    private Part part = Part.MAGIC;
    private final byte[] header = new byte[14];
    private int have;
    private int need = Part.MAGIC.length;
    private int descriptor;

    /** Number of bytes to skip before the next part. */
    private long skip;

    ZstdFrames(InputStream in, DecoderMemory.Share memory) {
        super(in);
        this.memory = memory;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = in.read(bytes, offset, length);
        int at = offset;
        int end = offset + Math.max(n, 0);
        while (at < end) {
            if (skip > 0) {
                int skipped = (int) Math.min(skip, end - at);
                skip -= skipped;
                at += skipped;
            } else {
                header[have++] = bytes[at++];
                if (have == need) {
                    have = 0;
                    advance();
                }
            }
        }
        return n;
    }

    private void advance() throws IOException {
        switch (part) {
            case MAGIC -> {
                long magic = number(0, 4);
                if (magic != MAGIC && (magic & ~0xfL) != SKIPPABLE_MAGIC) {
                    throw new ZipException("no zstd frame");
                }
                next(magic == MAGIC ? Part.DESCRIPTOR : Part.SKIPPABLE_SIZE);
            }
            case SKIPPABLE_SIZE -> {
                skip = number(0, 4);
                next(Part.MAGIC);
            }
            case DESCRIPTOR -> {
                descriptor = header[0] & 0xff;
                part = Part.HEADER;
                need = windowBytes() + DICTIONARY_BYTES[descriptor & 3] + contentSizeBytes();
            }
            case HEADER -> {
                takeWindow();
                next(Part.BLOCK_HEADER);
            }
            case BLOCK_HEADER -> block((int) number(0, 3));
        }
    }

    private void next(Part next) {
        part = next;
        need = next.length;
    }

    /** An RLE block contains a single byte. The last block of a frame may be followed by a checksum. */
    private void block(int block) throws IOException {
        int type = block >> 1 & 3;
        if (type == 3) {
            throw new ZipException("no type of a zstd block");
        }
        skip = type == 1 ? 1 : block >> 3;
        boolean last = (block & 1) != 0;
        if (last && (descriptor & 4) != 0) {
            skip += 4;
        }
        next(last ? Part.MAGIC : Part.BLOCK_HEADER);
    }

    private boolean single() {
        return (descriptor & 0x20) != 0;
    }

    private int windowBytes() {
        return single() ? 0 : 1;
    }

    private int contentSizeBytes() {
        int size = CONTENT_SIZE_BYTES[descriptor >> 6];
        return single() && size == 0 ? 1 : size;
    }

    /** The decoder keeps the largest window so far. In a single-segment frame the window is as large as the content. */
    private void takeWindow() {
        long window;
        if (single()) {
            int size = contentSizeBytes();
            window = number(need - size, size) + (size == 2 ? 256 : 0);
        } else {
            long base = 1L << (10 + ((header[0] & 0xff) >> 3));
            window = base + base / 8 * (header[0] & 7);
        }
        // the decoder rejects larger windows
        boolean large = window < 0 || window > Compression.ZSTD_WINDOW;
        long wanted = (large ? 0 : window) + 2 * BLOCK_BYTES;
        if (wanted > taken) {
            memory.take(wanted - taken);
            taken = wanted;
        }
    }

    /** Reads a little-endian number from the header. */
    private long number(int from, int count) {
        long number = 0;
        for (int i = from + count - 1; i >= from; i--) {
            number = number << 8 | header[i] & 0xff;
        }
        return number;
    }
}
