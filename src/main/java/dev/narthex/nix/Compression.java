package dev.narthex.nix;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.BrotliInputStream;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.limits.DecoderMemory;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;

/**
 * Compression formats of NARs and their metadata. The format of a NAR is detected by its first bytes, because neither the file
 * extension of an upload nor its content type is reliable.
 */
public final class Compression {
    /** Number of bytes needed to detect the format of a NAR. */
    public static final int HEADER_BYTES = 16;

    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int MAX_XZ_MEMORY_KIB = 128 * 1024;
    private static final int MAX_ZSTD_WINDOW_LOG = 27;
    static final long MAX_ZSTD_WINDOW_BYTES = 1L << MAX_ZSTD_WINDOW_LOG;

    // Decoder memory that does not depend on a header; for bzip2 its largest block, for brotli everything but the
    // window.
    private static final int GZIP_BYTES = 128 << 10;
    private static final int BZIP2_BYTES = 5 << 20;
    private static final int LZ4_BYTES = 512 << 10;
    private static final int BROTLI_BASE_BYTES = 256 << 10;

    private static final String COMPRESSED_NAR = "compressed NAR";
    private static final byte[] NAR_MAGIC = "\r\0\0\0\0\0\0\0nix-".getBytes(StandardCharsets.ISO_8859_1);

    private Compression() {}

    /** A supported format. LZMA and brotli have no magic bytes, so they are known by name only. */
    public enum CompressionFormat {
        NONE,
        ZSTD,
        XZ,
        GZIP,
        BZIP2,
        LZ4,
        LZMA,
        BR;

        /** The word after {@code Compression:} in a narinfo, or after {@code Content-Encoding:} in a request. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Finds a format by its word.
         *
         * @param token in any case
         * @return empty if the format is not supported
         */
        public static Optional<CompressionFormat> findByToken(String token) {
            return Stream.of(values())
                    .filter(format -> format.token().equalsIgnoreCase(token))
                    // the decoder is native code, which is not available on all machines
                    .filter(format -> format != BR || Brotli4jLoader.isAvailable())
                    .findFirst();
        }
    }

    /**
     * Detects the format of a NAR by its first bytes.
     *
     * @param header at least the first 12 bytes, or the whole file if it is shorter
     * @throws dev.narthex.problem.ProblemException {@code Malformed} if it is not a NAR in a supported format
     */
    public static CompressionFormat detect(byte[] header) {
        if (startsWith(header, NAR_MAGIC)) {
            return CompressionFormat.NONE;
        }
        if (startsWith(header, 0x28, 0xb5, 0x2f, 0xfd) || isSkippable(header)) {
            return CompressionFormat.ZSTD;
        }
        if (startsWith(header, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return CompressionFormat.XZ;
        }
        if (startsWith(header, 0x1f, 0x8b)) {
            return CompressionFormat.GZIP;
        }
        if (startsWith(header, 'B', 'Z', 'h')) {
            return CompressionFormat.BZIP2;
        }
        if (startsWith(header, 0x04, 0x22, 0x4d, 0x18)) {
            return CompressionFormat.LZ4;
        }
        throw Problem.malformed(
                "NAR",
                new String(header, StandardCharsets.US_ASCII).replaceAll("[^ -~]", "."),
                "the upload begins like this, so it is not a NAR, alone or in zstd, xz, gzip, bzip2 or lz4."
                        + " Send the output of “nix-store --dump”.");
    }

    /**
     * Decompresses a NAR. Consecutive frames are concatenated. Trailing or invalid data throws {@link Problem.Malformed} when
     * it is read; an {@link IOException} always comes from {@code in} itself. A decoder needs up to about 128 MiB, which it
     * takes from {@link DecoderMemory}. Closing the result frees that memory but leaves {@code in} open.
     */
    public static InputStream decompress(InputStream in) throws IOException {
        var source = new SourceInputStream(in, COMPRESSED_NAR);
        source.mark(HEADER_BYTES);
        var format = detect(source.readNBytes(HEADER_BYTES));
        source.reset();
        return decode(format, source);
    }

    /**
     * Decompresses a file of a known format, like {@link #decompress(InputStream)}.
     *
     * @param subject name of the file in error messages
     */
    public static InputStream decompress(InputStream in, CompressionFormat format, String subject) throws IOException {
        return decode(format, new SourceInputStream(in, subject));
    }

    private static InputStream decode(CompressionFormat format, SourceInputStream source) throws IOException {
        var memory = DecoderMemory.instance().share();
        try {
            return new DecodedInputStream(newDecoder(format, source, memory), source, memory);
        } catch (IOException e) {
            memory.close();
            throw source.explain(e);
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }

    /** Compresses with a fast level. Supports only NONE, BZIP2, LZ4 and BR. Closing the result closes {@code out}. */
    public static OutputStream compress(OutputStream out, CompressionFormat format) throws IOException {
        return switch (format) {
            case NONE -> out;
            case BZIP2 -> new BZip2CompressorOutputStream(out, BZip2CompressorOutputStream.MIN_BLOCKSIZE);
            case LZ4 -> new FramedLZ4CompressorOutputStream(out);
            case BR -> {
                Brotli4jLoader.ensureAvailability();
                yield new BrotliOutputStream(out, new Encoder.Parameters().setQuality(1));
            }
            case XZ, ZSTD, GZIP, LZMA -> throw new IllegalArgumentException(format.token());
        };
    }

    /**
     * Writes the xz format with uncompressed blocks; the overhead is about 50 bytes per MiB. Closing the result closes
     * {@code out}.
     */
    public static OutputStream wrapInXz(OutputStream out) throws IOException {
        var options = new LZMA2Options();
        options.setMode(LZMA2Options.MODE_UNCOMPRESSED);
        options.setDictSize(LZMA2Options.DICT_SIZE_MIN);
        return new XZOutputStream(out, options, XZ.CHECK_CRC32);
    }

    private static InputStream newDecoder(
            CompressionFormat format, SourceInputStream source, DecoderMemory.MemoryShare memory) throws IOException {
        return switch (format) {
            case NONE -> source;
            case ZSTD ->
                new ZstdInputStreamNoFinalizer(new MemoryMeteredZstdInputStream(source, memory))
                        .setLongMax(MAX_ZSTD_WINDOW_LOG);
            case XZ -> new XZInputStream(source, MAX_XZ_MEMORY_KIB, new MeteredArrayCache(memory));
            case GZIP -> {
                memory.acquire(GZIP_BYTES);
                yield GzipCompressorInputStream.builder()
                        .setInputStream(source)
                        .setDecompressConcatenated(true)
                        .get();
            }
            case BZIP2 -> {
                memory.acquire(BZIP2_BYTES);
                yield new BZip2CompressorInputStream(source, true);
            }
            case LZ4 -> {
                memory.acquire(LZ4_BYTES);
                yield new FramedLZ4CompressorInputStream(source, true);
            }
            case LZMA -> new LZMAInputStream(source, MAX_XZ_MEMORY_KIB, new MeteredArrayCache(memory));
            case BR -> {
                memory.acquire(brotliWindowBytes(source) + BROTLI_BASE_BYTES);
                Brotli4jLoader.ensureAvailability();
                yield new BrotliInputStream(source);
            }
        };
    }

    /**
     * Returns the window size in bytes from the first byte (RFC 7932 §9.1). For an empty stream it returns the largest window.
     */
    private static long brotliWindowBytes(SourceInputStream source) throws IOException {
        source.mark(1);
        int firstByte = source.read();
        source.reset();
        int highBits = firstByte >> 1 & 7;
        int lowBits = firstByte >> 4 & 7;
        if ((firstByte & 1) == 0) {
            return 1 << 16;
        }
        if (highBits != 0) {
            return 1L << (17 + highBits);
        }
        return lowBits == 0 ? 1 << 17 : 1L << (8 + lowBits);
    }

    /** Accounts for arrays of the xz library, which allocates the dictionary of each block after reading the block's header. */
    private static final class MeteredArrayCache extends ArrayCache {
        private final DecoderMemory.MemoryShare memory;

        MeteredArrayCache(DecoderMemory.MemoryShare memory) {
            this.memory = memory;
        }

        @Override
        public byte[] getByteArray(int size, boolean zeros) {
            memory.acquire(size);
            return new byte[size];
        }

        @Override
        public void putArray(byte[] array) {
            memory.release(array.length);
        }

        @Override
        public int[] getIntArray(int size, boolean zeros) {
            memory.acquire((long) size * Integer.BYTES);
            return new int[size];
        }

        @Override
        public void putArray(int[] array) {
            memory.release((long) array.length * Integer.BYTES);
        }
    }

    private static boolean isSkippable(byte[] header) {
        return header.length >= 4
                && (header[0] & 0xf0) == 0x50
                && startsWith(Arrays.copyOfRange(header, 1, 4), 0x2a, 0x4d, 0x18);
    }

    private static boolean startsWith(byte[] header, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= header.length || (header[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] header, byte[] magic) {
        return header.length >= magic.length && Arrays.equals(header, 0, magic.length, magic, 0, magic.length);
    }

    private static ProblemException malformedProblem(String subject, String hint) {
        return Problem.malformed(subject, "upload", hint);
    }

    /** Remembers I/O errors of the given stream, so that they are not mistaken for invalid data. */
    private static final class SourceInputStream extends BufferedInputStream {
        private final FailureRecordingInputStream recordedFailures;
        private final String subject;

        SourceInputStream(InputStream in, String subject) {
            this(new FailureRecordingInputStream(in), subject);
        }

        private SourceInputStream(FailureRecordingInputStream recordedFailures, String subject) {
            super(recordedFailures, BUFFER_SIZE);
            this.recordedFailures = recordedFailures;
            this.subject = subject;
        }

        /** Converts an exception of a decoder: to the I/O error that caused it, or else to a problem with the data. */
        IOException explain(Exception exception) {
            if (recordedFailures.lastFailure != null) {
                return recordedFailures.lastFailure;
            }
            if (exception instanceof MemoryLimitException) {
                throw malformedProblem(
                        subject, "the xz dictionary needs more than 128 MiB; compress with level 9 or lower.");
            }
            if (exception instanceof ZstdIOException zstd
                    && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
                throw malformedProblem(
                        subject,
                        "the zstd window is larger than 128 MiB; compress without --long, or up to --long=27.");
            }
            throw malformedProblem(subject, "the compressed data is cut off or damaged.");
        }

        @Override
        public void close() {}
    }

    private static final class FailureRecordingInputStream extends BlockFilterInputStream {
        private @Nullable IOException lastFailure;

        FailureRecordingInputStream(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException e) {
                lastFailure = e;
                throw e;
            }
        }
    }

    private static final class DecodedInputStream extends BlockFilterInputStream {
        private final SourceInputStream source;
        private final DecoderMemory.MemoryShare memory;

        DecodedInputStream(InputStream decoder, SourceInputStream source, DecoderMemory.MemoryShare memory) {
            super(decoder);
            this.source = source;
            this.memory = memory;
        }

        // Decoders also report damaged data with unchecked exceptions (array bounds in bzip2), hence the broad catch.
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                int count = in.read(buffer, offset, length);
                if (count < 0 && in != source && source.read() >= 0) {
                    throw malformedProblem(source.subject, "there is more data after the end of the compressed data.");
                }
                return count;
            } catch (ProblemException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw source.explain(e);
            }
        }

        @Override
        public void close() throws IOException {
            try {
                in.close();
            } finally {
                memory.close();
            }
        }
    }
}
