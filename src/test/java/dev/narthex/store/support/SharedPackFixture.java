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
 * Some chunks of a NAR that is one whole pack, as a NAR that shares that pack with it.
 *
 * @param values of the columns that {@link #COLUMNS} names, in SQL
 */
public record SharedPackFixture(NixHash hash, long size, String values) {
    public static final String COLUMNS =
            "domain_id, nar_hash, nar_size, kind, encoding, file_size, extents, chunk_lens";

    /** @param chunkLens of the whole, as its row has it */
    public static SharedPackFixture of(byte[] whole, byte[] chunkLens, long domain, long pack, int... chunks)
            throws IOException {
        var runs = new ArrayList<Recipe.Run>();
        var lens = new ByteArrayOutputStream();
        var bytes = new ByteArrayOutputStream();
        for (int wanted : chunks) {
            var cursor = new ChunkLengths(chunkLens).cursor();
            for (int i = 0; i <= wanted; i++) {
                assertTrue(cursor.next());
            }
            runs.add(new Recipe.Run(0, wanted, 1, cursor.frameStart(), cursor.compressedLength()));
            ChunkLengths.put(lens, cursor.rawLength(), cursor.compressedLength());
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
                                HexFormat.of().formatHex(lens.toByteArray())));
    }
}
