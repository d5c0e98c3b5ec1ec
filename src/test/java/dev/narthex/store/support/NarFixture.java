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

    /** A file and nothing else. */
    public static byte[] flat(byte[] content) throws IOException {
        var out = new ByteArrayOutputStream();
        NarWriter.flat(out, content.length, new ByteArrayInputStream(content));
        return out.toByteArray();
    }

    /** A directory with these files. */
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

    /** Bytes that no compressor shortens, the same for one seed. */
    public static byte[] noise(long seed, int length) {
        var bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Bytes that compress to about a third, as programs do. */
    public static byte[] text(long seed, int length) {
        var random = new Random(seed);
        var bytes = new byte[length];
        for (int at = 0; at < length; ) {
            if (at > 4096 && random.nextInt(3) > 0) {
                int n = Math.min(8 + random.nextInt(60), length - at);
                System.arraycopy(bytes, at - 64 - random.nextInt(4000), bytes, at, n);
                at += n;
            } else {
                bytes[at] = (byte) (32 + random.nextInt(96));
                at++;
            }
        }
        return bytes;
    }
}
