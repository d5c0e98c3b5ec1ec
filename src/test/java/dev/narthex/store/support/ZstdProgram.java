package dev.narthex.store.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;

/** Runs the zstd program, to check that other programs can decompress stored data. */
public final class ZstdProgram {
    private ZstdProgram() {}

    public static byte[] decompress(InputStream compressed) throws IOException, InterruptedException {
        var process = new ProcessBuilder("zstd", "-d", "-c", "-q")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var feed = CompletableFuture.runAsync(() -> {
            try (var in = process.getOutputStream()) {
                compressed.transferTo(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        var out = process.getInputStream().readAllBytes();
        feed.join();
        if (process.waitFor() != 0) {
            throw new IOException("zstd ended with " + process.exitValue());
        }
        return out;
    }
}
