package dev.narthex.ecosystem.support;

import dev.narthex.spi.Candidate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.util.Random;

/** A path with flipped or missing bytes in its files. */
public record DamagedCandidate(NarCandidate path, long seed) {
    public interface Opener {
        InputStream open(String file) throws IOException;
    }

    public Candidate candidate() {
        return candidate(path, file -> {
            var random = new Random(seed + file.hashCode());
            byte[] bytes;
            try (var in = path.open(file)) {
                bytes = in.readAllBytes();
            }
            for (int i = random.nextInt(1, 6); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            int length = random.nextBoolean() ? bytes.length : random.nextInt(bytes.length + 1);
            return new ByteArrayInputStream(bytes, 0, length);
        });
    }

    /** A path with its listing but without its bytes. */
    public static Candidate unreadable(NarCandidate path) {
        return candidate(path, file -> new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the disk is gone");
            }
        });
    }

    /** The same path with other bytes in its files. */
    public static Candidate candidate(NarCandidate path, Opener opener) {
        return (Candidate) Proxy.newProxyInstance(
                Candidate.class.getClassLoader(), new Class<?>[] {Candidate.class}, (proxy, method, arguments) -> {
                    return method.getName().equals("open")
                            ? opener.open((String) arguments[0])
                            : method.invoke(path, arguments);
                });
    }
}
