package dev.narthex.client.support;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.NarWriter;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** A NAR with an npm package and a Python project that have the same large files, generated on the fly. */
public record SeededTree(int files, long fileBytes) {
    public static final StorePath PATH = new StorePath("0000000000000000000000000000ab12", "large-1.0.0");

    private static final int BLOCK = 64 * 1024;
    private static final String METADATA = "Metadata-Version: 2.1\nName: large\nVersion: 1.0.0\n";
    private static final String WHEEL = "Wheel-Version: 1.0\nTag: py3-none-any\n";

    void write(OutputStream out) throws IOException {
        try (var nar = new NarWriter(out)) {
            nar.start();
            nar.directory(new byte[0]);
            nar.directory(bytes("lib"));
            nar.directory(bytes("node_modules"));
            nar.directory(bytes("large"));
            for (int i = 0; i < files; i++) {
                nar.regular(bytes("blob-" + i), false, fileBytes, content(i));
            }
            text(nar, "package.json", "{\"name\":\"large\",\"version\":\"1.0.0\"}");
            nar.endDirectory();
            nar.endDirectory();
            nar.directory(bytes("python3.13"));
            nar.directory(bytes("site-packages"));
            nar.directory(bytes("large"));
            text(nar, "__init__.py", "");
            nar.symlink(bytes("data"), bytes("../../../node_modules/large"));
            nar.endDirectory();
            nar.directory(bytes("large-1.0.0.dist-info"));
            text(nar, "METADATA", METADATA);
            text(nar, "WHEEL", WHEEL);
            for (int i = 0; i < 5; i++) {
                nar.endDirectory();
            }
        }
    }

    private static void text(NarWriter nar, String name, String text) throws IOException {
        nar.regular(bytes(name), false, text.length(), new ByteArrayInputStream(bytes(text)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public NarInfo narInfo(String url) throws IOException {
        var digest = HashAlgorithm.SHA256.newDigest();
        var size = new AtomicLong();
        write(new DigestOutputStream(OutputStream.nullOutputStream(), digest) {
            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                super.write(b, off, len);
                size.addAndGet(len);
            }

            @Override
            public void write(int b) throws IOException {
                super.write(b);
                size.incrementAndGet();
            }
        });
        return new NarInfo(
                PATH,
                url,
                "none",
                Optional.empty(),
                OptionalLong.empty(),
                NixHash.of(HashAlgorithm.SHA256, digest.digest()),
                size.get(),
                List.of(),
                Optional.empty(),
                List.of(),
                Optional.empty());
    }

    public InputStream open() {
        try {
            var in = new PipedInputStream(BLOCK);
            var out = new PipedOutputStream(in);
            Thread.ofVirtual().start(() -> {
                try (out) {
                    write(out);
                } catch (IOException e) {
                    // the reader notices the broken pipe
                }
            });
            return in;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One of eight blocks is noise, so an archive is an eighth as large. */
    private InputStream content(long seed) {
        return new SeededInputStream(seed, fileBytes, block -> block % 8 == 0);
    }
}
