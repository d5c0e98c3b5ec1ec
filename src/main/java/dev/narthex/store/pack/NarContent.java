package dev.narthex.store.pack;

import dev.narthex.http.Content;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The uncompressed NAR. A range is read by decompressing the chunks that it overlaps, one after the other.
 *
 * @param frames the concatenated zstd frames of the NAR
 * @param length size of the uncompressed NAR in bytes
 * @param onDamage runs when a frame turns out to be damaged
 */
public record NarContent(Content frames, ChunkLengths chunkLengths, long length, Runnable onDamage) implements Content {
    @Override
    public InputStream open(long from, long count) throws IOException {
        Objects.checkFromIndexSize(from, count, length);
        if (count == 0) {
            return InputStream.nullInputStream();
        }
        var first = cursorAt(from);
        var last = cursorAt(from + count - 1);
        long end = last.frameStart() + last.compressedLength();
        return new DecompressingNarInputStream(
                frames.open(first.frameStart(), end - first.frameStart()), first, from, count, onDamage);
    }

    private ChunkLengths.Cursor cursorAt(long offset) throws DamagedException {
        var cursor = chunkLengths.cursor();
        while (cursor.next()) {
            if (offset < cursor.rawStart() + cursor.rawLength()) {
                return cursor;
            }
        }
        throw new DamagedException("the chunks of a NAR end before byte " + offset);
    }
}
