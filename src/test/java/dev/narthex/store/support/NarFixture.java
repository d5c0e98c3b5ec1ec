package dev.narthex.store.support;

import dev.narthex.nix.NarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** NARs for tests. */
public final class NarFixture {
    private NarFixture() {}

    /** Returns the NAR of a single file. */
    public static byte[] flat(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        NarWriter.flat(out, content.length, new ByteArrayInputStream(content));
        return out.toByteArray();
    }

    /** Returns the NAR of a directory with these files. */
    public static byte[] tree(Map<String, byte[]> files) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.directory(new byte[0]);
            for (var file : new TreeMap<>(files).entrySet()) {
                var content = file.getValue();
                nar.regular(
                        file.getKey().getBytes(StandardCharsets.UTF_8),
                        false,
                        content.length,
                        new ByteArrayInputStream(content));
            }
            nar.endDirectory();
        }
        return out.toByteArray();
    }

    /** Returns incompressible bytes, equal for the same seed. */
    public static byte[] noise(long seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Returns bytes that compress to about a third, like programs. */
    public static byte[] text(long seed, int length) {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (int offset = 0; offset < length; ) {
            if (offset > 4096 && random.nextInt(3) > 0) {
                int count = Math.min(8 + random.nextInt(60), length - offset);
                System.arraycopy(bytes, offset - 64 - random.nextInt(4000), bytes, offset, count);
                offset += count;
            } else {
                bytes[offset] = (byte) (32 + random.nextInt(96));
                offset++;
            }
        }
        return bytes;
    }
}
