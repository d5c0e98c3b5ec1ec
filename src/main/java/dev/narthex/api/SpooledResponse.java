package dev.narthex.api;

import dev.narthex.http.ContentResponse;
import dev.narthex.http.DiskFullErrors;
import dev.narthex.http.UnlinkedTempFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Spools a response to disk before it is sent, so that a slow client takes no memory. */
final class SpooledResponse {
    private final Path folder;

    /** @param folder created if it does not exist */
    SpooledResponse(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes the response to an unlinked temporary file and returns a response that streams it.
     *
     * @throws dev.narthex.problem.ProblemException InsufficientStorage
     */
    RestResponse<Object> of(String type, ContentResponse.Writer writer) throws IOException {
        var channel = UnlinkedTempFile.open(folder);
        try {
            write(channel, writer);
            long length = channel.position();
            channel.position(0);
            return ResponseBuilder.<Object>ok(ContentResponse.streaming(output -> {
                        try (InputStream in = Channels.newInputStream(channel)) {
                            in.transferTo(output);
                        }
                    }))
                    .header("Content-Type", type)
                    .header("Content-Length", length)
                    .header("Cache-Control", "no-store")
                    .build();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void write(FileChannel channel, ContentResponse.Writer writer) throws IOException {
        try {
            var out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            writer.write(out);
            out.flush();
        } catch (IOException e) {
            throw DiskFullErrors.translate(e, folder, "The disk on which answers wait is full. Try again later.");
        }
    }
}
