package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.BrotliOutputStream;
import com.github.luben.zstd.Zstd;
import dev.narthex.nix.Compression.CompressionFormat;
import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

class CompressionTest {
    private static final byte[] NAR = GoldenNixFiles.bytes("tree.nar");
    private static final byte[] SKIPPABLE = {0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"LZMA", "BR"})
    void formatIsDetectedAndDecompressed(CompressionFormat kind) throws IOException {
        var file = compressed(kind, NAR);
        assertEquals(kind, Compression.detect(file));
        assertArrayEquals(NAR, decompressed(file));
    }

    @ParameterizedTest
    @EnumSource
    void formatIsFoundByNameAndDecompressed(CompressionFormat kind) throws IOException {
        assertEquals(
                Optional.of(kind), CompressionFormat.findByToken(kind.token().toUpperCase(Locale.ROOT)));
        assertArrayEquals(NAR, decompressed(kind, compressed(kind, NAR)));
        assertArrayEquals(new byte[0], decompressed(kind, compressed(kind, new byte[0])));
        assertEquals(Optional.empty(), CompressionFormat.findByToken(kind.token() + "x"));
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "BZIP2", "LZ4", "BR"})
    void compressedBytesDecompressToTheOriginal(CompressionFormat kind) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var compressor = Compression.compress(out, kind)) {
            compressor.write(NAR);
        }
        assertArrayEquals(NAR, decompressed(kind, out.toByteArray()));
    }

    @Test
    void xzWrappingDecompressesToTheOriginal() throws IOException {
        for (var bytes : List.of(NAR, new byte[0], new byte[3 << 20])) {
            var out = new ByteArrayOutputStream();
            try (var xz = Compression.wrapInXz(out)) {
                xz.write(bytes);
            }
            assertArrayEquals(bytes, decompressed(CompressionFormat.XZ, out.toByteArray()));
            assertTrue(out.size() < bytes.length + 100 + bytes.length / 10_000, "it became " + out.size() + " bytes");
        }
    }

    @Test
    void uploadOfNixIsDecompressed() throws IOException {
        assertArrayEquals(NAR, decompressed(GoldenNixFiles.bytes("tree.nar.zst")));
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "LZMA", "BR"})
    void concatenatedFramesAreOneFile(CompressionFormat kind) throws IOException {
        var first = compressed(kind, Arrays.copyOf(NAR, 1000));
        var rest = compressed(kind, Arrays.copyOfRange(NAR, 1000, NAR.length));
        assertArrayEquals(NAR, decompressed(HandmadeNar.join(first, rest)));
    }

    @Test
    void skippableFramesAreSkippedAnywhere() throws IOException {
        var first = compressed(CompressionFormat.ZSTD, Arrays.copyOf(NAR, 1000));
        var rest = compressed(CompressionFormat.ZSTD, Arrays.copyOfRange(NAR, 1000, NAR.length));
        assertArrayEquals(NAR, decompressed(HandmadeNar.join(SKIPPABLE, first, SKIPPABLE, SKIPPABLE, rest, SKIPPABLE)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void truncationAtAnyByteIsRefused(CompressionFormat kind) throws IOException {
        var file = compressed(kind, NAR);
        for (int size = 1; size < file.length; size++) {
            var cut = Arrays.copyOf(file, size);
            assertThrows(ProblemException.class, () -> decompressed(kind, cut), kind + " " + size);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void garbageAfterTheEndIsRefused(CompressionFormat kind) throws IOException {
        for (int size : new int[] {1, 2, 3, 4, 8, 100}) {
            var garbage = new byte[size];
            Arrays.fill(garbage, (byte) 'g');
            var file = HandmadeNar.join(compressed(kind, NAR), garbage);
            assertThrows(ProblemException.class, () -> decompressed(kind, file), kind + " " + size);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void damagedInputIsAProblem(CompressionFormat kind) throws IOException {
        var file = compressed(kind, NAR);
        var random = new java.util.Random(kind.ordinal());
        for (int i = 0; i < 2_000; i++) {
            var damaged = file.clone();
            damaged[random.nextInt(file.length)] ^= (byte) (1 + random.nextInt(255));
            try {
                decompressed(kind, damaged);
            } catch (ProblemException expected) {
                assertEquals(400, expected.problem().status());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "B", "LZIP\1", "\4\"M\u0019", "<html>", "\r\0\0\0\0\0\0\0nix", "nix-archive-1"})
    void unknownMagicNumberIsRefusedWithTheListOfFormats(String head) {
        var bytes = head.getBytes(StandardCharsets.ISO_8859_1);
        var problem = assertThrows(ProblemException.class, () -> Compression.detect(bytes));
        assertTrue(problem.getMessage().contains("zstd, xz, gzip, bzip2 or lz4"), problem.getMessage());
        assertThrows(ProblemException.class, () -> decompressed(bytes));
    }

    @Test
    void xzOverTheMemoryLimitIsRefused() throws IOException {
        var options = new LZMA2Options(0);
        options.setDictSize(LZMA2Options.DICT_SIZE_MIN);
        var out = new ByteArrayOutputStream();
        try (var xz = new XZOutputStream(out, options)) {
            xz.write(NAR);
        }
        var file = out.toByteArray();
        assertArrayEquals(NAR, decompressed(file));
        claimDictionary(file, 36);
        var problem = assertThrows(ProblemException.class, () -> decompressed(file));
        assertTrue(problem.getMessage().contains("128 MiB"), problem.getMessage());
    }

    @Test
    void readFailureIsNotReportedAsDamage() throws IOException {
        for (var kind : CompressionFormat.values()) {
            var file = compressed(kind, NAR);
            var broken = new SequenceInputStream(new ByteArrayInputStream(file, 0, file.length / 2), new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("connection reset");
                }
            });
            var thrown = assertThrows(
                    IOException.class,
                    () -> Compression.decompress(broken, kind, "NAR").readAllBytes());
            assertEquals("connection reset", thrown.getMessage(), kind.token());
        }
    }

    @Test
    void closeLeavesTheSourceOpen() throws IOException {
        for (var kind : CompressionFormat.values()) {
            var in = new ByteArrayInputStream(compressed(kind, NAR)) {
                private boolean closed;

                @Override
                public void close() {
                    closed = true;
                }
            };
            try (var nar = Compression.decompress(in, kind, "NAR")) {
                assertEquals(NAR[0], nar.read());
            }
            assertTrue(!in.closed, kind.token());
        }
    }

    private static byte[] decompressed(byte[] file) throws IOException {
        try (var in = Compression.decompress(new ByteArrayInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static byte[] decompressed(CompressionFormat kind, byte[] file) throws IOException {
        try (var in = Compression.decompress(new ByteArrayInputStream(file), kind, "NAR")) {
            return in.readAllBytes();
        }
    }

    private static byte[] compressed(CompressionFormat kind, byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var to = compressor(kind, out)) {
            to.write(content);
        }
        return kind == CompressionFormat.ZSTD ? Zstd.compress(content) : out.toByteArray();
    }

    private static OutputStream compressor(CompressionFormat kind, OutputStream out) throws IOException {
        return switch (kind) {
            case NONE, ZSTD -> out;
            case XZ -> new XZOutputStream(out, new LZMA2Options(1));
            case GZIP -> new GZIPOutputStream(out);
            case BZIP2 -> new BZip2CompressorOutputStream(out, 1);
            case LZ4 -> new FramedLZ4CompressorOutputStream(out);
            case LZMA -> new LZMAOutputStream(out, new LZMA2Options(1), -1);
            case BR -> {
                Brotli4jLoader.ensureAvailability();
                yield new BrotliOutputStream(out);
            }
        };
    }

    /** Overwrites the dictionary size in the first block header (byte 16 of the file) and its CRC-32. */
    private static void claimDictionary(byte[] file, int size) {
        int header = 12;
        int length = (file[header] + 1) * 4;
        file[header + 4] = (byte) size;
        var crc = new java.util.zip.CRC32();
        crc.update(file, header, length - 4);
        for (int i = 0; i < 4; i++) {
            file[header + length - 4 + i] = (byte) (crc.getValue() >>> (8 * i));
        }
    }

    @Test
    void windowOverTheLimitIsReported() {
        byte[] header = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (18 << 3), 1, 0, 0};
        var refused = assertThrows(ProblemException.class, () -> {
            try (var nar = Compression.decompress(new ByteArrayInputStream(header))) {
                nar.readAllBytes();
            }
        });
        assertTrue(
                refused.problem().detail().contains("window"), refused.problem().detail());
    }
}
