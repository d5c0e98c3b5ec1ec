package dev.narthex.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.nix.NixHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;

class DeterministicDeflateStreamTest {
    /** Text, noise, runs and distant repetitions, in pieces of various sizes. */
    private static byte[] mixed(long seed, int size) {
        var random = new Random(seed);
        var out = new ByteArrayOutputStream();
        while (out.size() < size) {
            var piece = new byte[random.nextInt(1, 40_000)];
            switch (random.nextInt(4)) {
                case 0 -> random.nextBytes(piece);
                case 1 -> Arrays.fill(piece, (byte) random.nextInt());
                case 2 -> {
                    for (int i = 0; i < piece.length; i++) {
                        piece[i] = (byte) (' ' + random.nextInt(1 + i % 90));
                    }
                }
                default -> {
                    var before = out.toByteArray();
                    int at = before.length == 0 ? 0 : random.nextInt(before.length);
                    System.arraycopy(before, at, piece, 0, Math.min(piece.length, before.length - at));
                }
            }
            out.writeBytes(piece);
        }
        return Arrays.copyOf(out.toByteArray(), size);
    }

    @Test
    void inflatersReturnTheOriginalBytes() throws IOException {
        for (int size : new int[] {0, 1, 2, 16_383, 16_384, 16_385, 65_535, 65_536, 1_000_003}) {
            for (long seed = 1; seed <= 5; seed++) {
                var plain = mixed(seed, size);
                var deflated = deflated(new ByteArrayInputStream(plain));
                try (var in = new InflaterInputStream(new ByteArrayInputStream(deflated), new Inflater(true))) {
                    assertArrayEquals(plain, in.readAllBytes(), size + " bytes of seed " + seed);
                }
            }
        }
    }

    @Test
    void outputDoesNotDependOnReadSizes() throws IOException {
        var plain = mixed(7, 700_000);
        var whole = deflated(new ByteArrayInputStream(plain));
        var random = new Random(20240501);
        for (int i = 0; i < 5; i++) {
            var out = new ByteArrayOutputStream();
            try (var in = new DeterministicDeflateStream(shortReads(plain, random))) {
                var buffer = new byte[20_000];
                for (int n = 0; n >= 0; n = in.read(buffer, 0, random.nextInt(buffer.length))) {
                    out.write(buffer, 0, n);
                }
                assertEquals(plain.length, in.taken());
            }
            assertArrayEquals(whole, out.toByteArray());
        }
    }

    /** Lockfiles of users contain these digests, so they must never change. */
    @Test
    void outputMatchesPublishedDigests() throws IOException {
        assertEquals("0300", HexFormat.of().formatHex(deflated(InputStream.nullInputStream())));
        assertEquals(
                "ef14d909b123e2c88ede3c677e1babc9aa98212f70b25daf961adeff45928d3e",
                NixHash.sha256(deflated(new ByteArrayInputStream(mixed(1, 3_000_000))))
                        .hex());
    }

    @Test
    void incompressibleInputGrowsLittle() throws IOException {
        var noise = new byte[1 << 20];
        new Random(1).nextBytes(noise);
        assertTrue(deflated(new ByteArrayInputStream(noise)).length < noise.length * 1.001);
        var text = "module.exports = require('./lib/lantern')\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        assertTrue(deflated(new ByteArrayInputStream(text)).length < text.length / 100);
    }

    private static InputStream shortReads(byte[] plain, Random random) {
        return new FilterInputStream(new ByteArrayInputStream(plain)) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                return super.read(b, off, Math.min(len, random.nextInt(1, 5000)));
            }
        };
    }

    private static byte[] deflated(InputStream plain) throws IOException {
        try (var in = new DeterministicDeflateStream(plain)) {
            return in.readAllBytes();
        }
    }
}
