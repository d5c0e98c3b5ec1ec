package dev.narthex.nix;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * The compressions that NARs arrive in. They are told apart by their first bytes, since neither the file extension of an
 * upload nor its content type says which it is.
 */
public final class Compression {
    private static final int HEAD = 16;
    private static final int BUFFER_SIZE = 64 * 1024;
    private static final int XZ_MEMORY_KIB = 128 * 1024;
    private static final int ZSTD_WINDOW_LOG = 27;
    private static final byte[] NAR = "\r\0\0\0\0\0\0\0nix-".getBytes(StandardCharsets.ISO_8859_1);

    private Compression() {}

    /** A compression that is read here. */
    public enum Kind {
        NONE,
        ZSTD,
        XZ,
        GZIP,
        BZIP2;

        /** The word after {@code Compression:} in a narinfo. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Names the compression of a NAR by its first bytes.
     *
     * @param head the first 12 bytes or more, fewer only if the file is that short
     */
    public static Kind sniff(byte[] head) {
        if (startsWith(head, NAR)) {
            return Kind.NONE;
        }
        if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd) || isSkippable(head)) {
            return Kind.ZSTD;
        }
        if (startsWith(head, 0xfd, '7', 'z', 'X', 'Z', 0)) {
            return Kind.XZ;
        }
        if (startsWith(head, 0x1f, 0x8b)) {
            return Kind.GZIP;
        }
        if (startsWith(head, 'B', 'Z', 'h')) {
            return Kind.BZIP2;
        }
        throw malformed("the file is none of: NAR, or NAR in zstd, xz, gzip or bzip2.");
    }

    /**
     * The NAR in a compressed file. Several frames in a row are one; anything else after the end is refused, like all wrong
     * data, with {@link Problem.Malformed}, when it is read. An {@link IOException} is always the given stream's own.
     * Decoders take at most 128 MiB. Closing the result frees the decoder and leaves {@code in} open.
     */
    public static InputStream decompress(InputStream in) throws IOException {
        var source = new Source(in);
        source.mark(HEAD);
        var kind = sniff(source.readNBytes(HEAD));
        source.reset();
        try {
            return new Decoded(decoder(kind, source), source);
        } catch (IOException e) {
            throw source.blame(e);
        }
    }

    private static InputStream decoder(Kind kind, Source source) throws IOException {
        return switch (kind) {
            case NONE -> source;
            case ZSTD -> new ZstdInputStreamNoFinalizer(source).setLongMax(ZSTD_WINDOW_LOG);
            case XZ -> new XZInputStream(source, XZ_MEMORY_KIB);
            case GZIP ->
                GzipCompressorInputStream.builder()
                        .setInputStream(source)
                        .setDecompressConcatenated(true)
                        .get();
            case BZIP2 -> new BZip2CompressorInputStream(source, true);
        };
    }

    private static boolean isSkippable(byte[] head) {
        return head.length >= 4
                && (head[0] & 0xf0) == 0x50
                && startsWith(Arrays.copyOfRange(head, 1, 4), 0x2a, 0x4d, 0x18);
    }

    private static boolean startsWith(byte[] head, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= head.length || (head[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean startsWith(byte[] head, byte[] magic) {
        return head.length >= magic.length && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
    }

    private static ProblemException malformed(String hint) {
        return new Problem.Malformed("compressed NAR", "upload", hint).asException();
    }

    /** The given stream, which remembers its own failures, so that they are not taken for wrong data. */
    private static final class Source extends BufferedInputStream {
        private final Failures failures;

        Source(InputStream in) {
            this(new Failures(in));
        }

        private Source(Failures failures) {
            super(failures, BUFFER_SIZE);
            this.failures = failures;
        }

        /** What to throw for an exception that a decoder threw: the stream's own failure, or a problem with the data. */
        IOException blame(Exception thrown) {
            if (failures.last != null) {
                return failures.last;
            }
            if (thrown instanceof MemoryLimitException) {
                throw malformed("the xz dictionary needs more than 128 MiB; compress with level 9 or lower.");
            }
            if (thrown instanceof ZstdIOException zstd
                    && zstd.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
                throw malformed("the zstd window is larger than 128 MiB; compress without --long, or up to --long=27.");
            }
            throw malformed("the compressed data is cut off or damaged.");
        }

        @Override
        public void close() {}
    }

    private static final class Failures extends FilterInputStream {
        private @Nullable IOException last;

        Failures(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException e) {
                last = e;
                throw e;
            }
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }
    }

    private static final class Decoded extends FilterInputStream {
        private final Source source;

        Decoded(InputStream decoder, Source source) {
            super(decoder);
            this.source = source;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        // Decoders report damaged data by unchecked exceptions too (array bounds in bzip2), hence the wide catch.
        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return in.read(buffer, offset, length);
            } catch (IOException | RuntimeException e) {
                throw source.blame(e);
            }
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
