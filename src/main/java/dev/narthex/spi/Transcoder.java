package dev.narthex.spi;

import java.io.IOException;
import java.util.stream.Stream;

/**
 * Builds the files that clients install from unpacked trees, since a Nix build keeps its result and rarely the source archive. An
 * optional ability of an {@link Ecosystem}. Stateless and thread-safe.
 */
public interface Transcoder {
    /**
     * Name and version of the transcoder, such as {@code tgz-1}. The version must increase whenever the same tree would give
     * other bytes: derived files are stored and never made again under the same name.
     */
    String transcoder();

    /**
     * Finds the packages whose trees are in this path, including those that cannot be served. The result depends only on the NAR
     * and its references. Input is hostile: unreadable content is no package or a refusal; only failing reads throw, as an
     * IOException, or as an UncheckedIOException from the stream. Implementations should read each tree lazily, because a path
     * can contain many large ones.
     */
    Stream<TranscodeResult> transcode(Candidate path) throws IOException;
}
