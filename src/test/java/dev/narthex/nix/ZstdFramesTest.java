package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import dev.narthex.limits.DecoderMemory;
import dev.narthex.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ZstdFramesTest {
    private static final int MIB = 1 << 20;

    /** Compresses to a frame without a content size, as nix does. */
    private static byte[] streamed(byte[] content, int windowLog, boolean checksum) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zstd = new ZstdOutputStream(out, 3)) {
            zstd.setLong(windowLog).setChecksum(checksum);
            zstd.write(content);
        }
        return out.toByteArray();
    }

    private static byte[] content(int seed, int length) {
        var content = new byte[length];
        new Random(seed).nextBytes(content);
        // half is compressible, a quarter is one repeated byte
        for (int i = length / 2; i < length; i++) {
            content[i] = i < length * 3L / 4 ? content[i - length / 2 & ~63] : 7;
        }
        return content;
    }

    /** Reads the file to its end. */
    private static byte[] read(byte[] file, int piece, long budget) throws IOException {
        var memory = new DecoderMemory(budget, Duration.ofMillis(1));
        InputStream in = new ByteArrayInputStream(file) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, piece));
            }
        };
        try (var share = memory.share();
                var zstd = new ZstdInputStream(new MemoryMeteredZstdInputStream(in, share)).setLongMax(27)) {
            return zstd.readAllBytes();
        }
    }

    @Test
    void framesOfAnyKindAreFollowed() throws IOException {
        var file = new ByteArrayOutputStream();
        var expected = new ByteArrayOutputStream();
        for (int seed = 0; seed < 40; seed++) {
            var content = content(seed, seed % 7 == 0 ? seed : new Random(seed).nextInt(1, 400_000));
            expected.writeBytes(content);
            file.writeBytes(
                    switch (seed % 4) {
                        case 0 -> Zstd.compress(content, 1);
                        case 1 -> streamed(content, 20, true);
                        case 2 -> streamed(content, 17, false);
                        default -> skippableBefore(Zstd.compress(content, 19));
                    });
        }
        for (int piece : new int[] {1, 3, 1000, MIB}) {
            assertArrayEquals(expected.toByteArray(), read(file.toByteArray(), piece, 4 * MIB), "by " + piece);
        }
    }

    private static byte[] skippableBefore(byte[] frame) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5});
        out.writeBytes(frame);
        return out.toByteArray();
    }

    @Test
    void windowOfEveryFrameIsReservedFromTheBudget() throws IOException {
        var small = streamed(content(1, 1000), 17, false);
        var large = streamed(content(2, 1000), 24, false);
        var file = new ByteArrayOutputStream();
        file.writeBytes(small);
        file.writeBytes(large);
        assertEquals(2000, read(file.toByteArray(), 100, 17 * MIB).length);
        var refused = assertThrows(ProblemException.class, () -> read(file.toByteArray(), 100, 12 * MIB));
        assertEquals(413, refused.problem().status());
    }

    @Test
    void damagedInputEndsWithAProblem() throws IOException {
        var good = streamed(content(3, 100_000), 20, true);
        var random = new Random(4);
        for (int round = 0; round < 300; round++) {
            var bad = good.clone();
            for (int change = 0; change < 3; change++) {
                bad[random.nextInt(round % 2 == 0 ? 40 : bad.length)] = (byte) random.nextInt();
            }
            try (var share = new DecoderMemory(1L << 30, Duration.ofMillis(1)).share();
                    var in = new MemoryMeteredZstdInputStream(new ByteArrayInputStream(bad), share)) {
                in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // the expected result of damage
            }
        }
    }
}
