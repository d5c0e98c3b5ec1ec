package dev.narthex.nix;

import dev.narthex.limits.DecoderMemory;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;

/**
 * Passes concatenated zstd frames (RFC 8878 §3) to the decoder and reserves memory for the decoder's window after reading each
 * frame header. It parses all frame and block headers, because there is no other way to find the next frame.
 */
final class MemoryMeteredZstdInputStream extends BlockFilterInputStream {
    private static final long MAGIC = 0xfd2fb528L;
    private static final long SKIPPABLE_MAGIC = 0x184d2a50L;
    private static final int MAX_BLOCK_BYTES = 128 << 10;
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] CONTENT_SIZE_BYTES = {0, 2, 4, 8};

    /** The part of a frame that is read next. */
    private enum FramePart {
        MAGIC(4),
        SKIPPABLE_SIZE(4),
        DESCRIPTOR(1),
        HEADER(0),
        BLOCK_HEADER(3);

        private final int length;

        FramePart(int length) {
            this.length = length;
        }
    }

    private final DecoderMemory.MemoryShare memory;
    private long reservedBytes;

    private FramePart part = FramePart.MAGIC;
    private final byte[] header = new byte[14];
    private int headerFilled;
    private int headerLength = FramePart.MAGIC.length;
    private int descriptor;

    /** Number of bytes to skip before the next part. */
    private long bytesToSkip;

    MemoryMeteredZstdInputStream(InputStream in, DecoderMemory.MemoryShare memory) {
        super(in);
        this.memory = memory;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        int at = offset;
        int end = offset + Math.max(count, 0);
        while (at < end) {
            if (bytesToSkip > 0) {
                int skipped = (int) Math.min(bytesToSkip, end - at);
                bytesToSkip -= skipped;
                at += skipped;
            } else {
                header[headerFilled++] = bytes[at++];
                if (headerFilled == headerLength) {
                    headerFilled = 0;
                    advance();
                }
            }
        }
        return count;
    }

    private void advance() throws IOException {
        switch (part) {
            case MAGIC -> {
                long magic = readNumber(0, 4);
                if (magic != MAGIC && (magic & ~0xfL) != SKIPPABLE_MAGIC) {
                    throw new ZipException("no zstd frame");
                }
                startPart(magic == MAGIC ? FramePart.DESCRIPTOR : FramePart.SKIPPABLE_SIZE);
            }
            case SKIPPABLE_SIZE -> {
                bytesToSkip = readNumber(0, 4);
                startPart(FramePart.MAGIC);
            }
            case DESCRIPTOR -> {
                descriptor = header[0] & 0xff;
                part = FramePart.HEADER;
                headerLength = windowBytes() + DICTIONARY_BYTES[descriptor & 3] + contentSizeBytes();
            }
            case HEADER -> {
                reserveWindow();
                startPart(FramePart.BLOCK_HEADER);
            }
            case BLOCK_HEADER -> readBlockHeader((int) readNumber(0, 3));
        }
    }

    private void startPart(FramePart next) {
        part = next;
        headerLength = next.length;
    }

    /** An RLE block contains a single byte. The last block of a frame may be followed by a checksum. */
    private void readBlockHeader(int blockHeader) throws IOException {
        int type = blockHeader >> 1 & 3;
        if (type == 3) {
            throw new ZipException("no type of a zstd block");
        }
        bytesToSkip = type == 1 ? 1 : blockHeader >> 3;
        boolean last = (blockHeader & 1) != 0;
        if (last && (descriptor & 4) != 0) {
            bytesToSkip += 4;
        }
        startPart(last ? FramePart.MAGIC : FramePart.BLOCK_HEADER);
    }

    private boolean isSingleSegment() {
        return (descriptor & 0x20) != 0;
    }

    private int windowBytes() {
        return isSingleSegment() ? 0 : 1;
    }

    private int contentSizeBytes() {
        int size = CONTENT_SIZE_BYTES[descriptor >> 6];
        return isSingleSegment() && size == 0 ? 1 : size;
    }

    /** The decoder keeps the largest window so far. In a single-segment frame the window is as large as the content. */
    private void reserveWindow() {
        long window;
        if (isSingleSegment()) {
            int size = contentSizeBytes();
            window = readNumber(headerLength - size, size) + (size == 2 ? 256 : 0);
        } else {
            long base = 1L << (10 + ((header[0] & 0xff) >> 3));
            window = base + base / 8 * (header[0] & 7);
        }
        // the decoder rejects larger windows
        boolean isRejected = window < 0 || window > Compression.MAX_ZSTD_WINDOW_BYTES;
        long neededBytes = (isRejected ? 0 : window) + 2 * MAX_BLOCK_BYTES;
        if (neededBytes > reservedBytes) {
            memory.acquire(neededBytes - reservedBytes);
            reservedBytes = neededBytes;
        }
    }

    /** Reads a little-endian number from the header. */
    private long readNumber(int from, int count) {
        long number = 0;
        for (int i = from + count - 1; i >= from; i--) {
            number = number << 8 | header[i] & 0xff;
        }
        return number;
    }
}
