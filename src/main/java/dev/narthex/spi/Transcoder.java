package dev.narthex.spi;

import java.io.IOException;
import java.util.stream.Stream;

/**
 * An ability of some ecosystems: to make the files that their clients install out of unpacked trees, since a build keeps its
 * result and seldom the archive that it came in. Stateless and thread-safe.
 */
public interface Transcoder {
    /**
     * Name and number, such as {@code tgz-1}. The number grows whenever the same tree would give other bytes: a file that was
     * made is kept and never made again under the same name.
     */
    String transcoder();

    /**
     * The packages whose trees lie in this path, those too that cannot be offered. What is said depends on nothing but the
     * NAR and its references. Input is hostile; what cannot be read is no package or is refused, never an exception but for
     * failing reads: an IOException, unchecked when it comes out of the stream. Each should be read when its turn comes, as a
     * path may hold many and large ones.
     */
    Stream<Transcoded> transcode(Candidate path) throws IOException;
}
