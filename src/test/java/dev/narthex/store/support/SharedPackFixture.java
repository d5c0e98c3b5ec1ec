package dev.narthex.store.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.nix.NixHash;
import dev.narthex.store.pack.ChunkLengths;
import dev.narthex.store.pack.Recipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A NAR that consists of some chunks of another NAR's pack, which it shares.
 *
 * @param values SQL values of the columns in {@link #COLUMNS}
 */
public record SharedPackFixture(NixHash hash, long size, String values) {
    public static final String COLUMNS =
            "domain_id, nar_hash, nar_size, kind, encoding, file_size, extents, chunk_lens";

    /** @param chunkLengths chunk lengths of the whole pack, as in its row */
    public static SharedPackFixture of(byte[] whole, byte[] chunkLengths, long domain, long pack, int... chunks)
            throws IOException {
        var runs = new ArrayList<Recipe.Run>();
        var lengths = new ByteArrayOutputStream();
        var bytes = new ByteArrayOutputStream();
        for (int chunk : chunks) {
            var cursor = new ChunkLengths(chunkLengths).cursor();
            for (int i = 0; i <= chunk; i++) {
                assertTrue(cursor.next());
            }
            runs.add(new Recipe.Run(0, chunk, 1, cursor.frameStart(), cursor.compressedLength()));
            ChunkLengths.put(lengths, cursor.rawLength(), cursor.compressedLength());
            bytes.write(whole, (int) cursor.rawStart(), cursor.rawLength());
        }
        var recipe = new Recipe<>(List.of(pack), runs);
        var hash = NixHash.sha256(bytes.toByteArray());
        return new SharedPackFixture(
                hash,
                bytes.size(),
                "%d, '\\x%s', %d, 2, gen_random_uuid(), %d, '\\x%s', '\\x%s'"
                        .formatted(
                                domain,
                                hash.hex(),
                                bytes.size(),
                                recipe.length(),
                                HexFormat.of().formatHex(recipe.encode(Recipe.PackReferenceCodec.IDS)),
                                HexFormat.of().formatHex(lengths.toByteArray())));
    }
}
