package dev.narthex.store.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.narthex.http.Content;
import dev.narthex.store.support.NarFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests the formats on disk and in rows: round trips, and refusal of damaged bytes. */
class PackFormatsTest {
    private final Random random = new Random(7);

    @Test
    void numbersSurviveARoundTrip() throws IOException {
        for (int bits = 0; bits < 63; bits++) {
            for (long value : new long[] {1L << bits, (1L << bits) - 1, (1L << bits) + 1}) {
                var out = new ByteArrayOutputStream();
                Varint.put(out, value);
                assertEquals(value, Varint.get(ByteBuffer.wrap(out.toByteArray())));
            }
        }
        var out = new ByteArrayOutputStream();
        Varint.put(out, Long.MAX_VALUE);
        assertEquals(Long.MAX_VALUE, Varint.get(ByteBuffer.wrap(out.toByteArray())));
    }

    @Test
    void unterminatedAndLongNumbersAreRefused() {
        for (var hex : List.of("", "80", "ffffffffffffffffff", "8000", "ffffffffffffffffffff01")) {
            assertThrows(
                    DamagedException.class,
                    () -> Varint.get(ByteBuffer.wrap(HexFormat.of().parseHex(hex))),
                    hex);
        }
        assertThrows(
                DamagedException.class,
                () -> Varint.getInt(ByteBuffer.wrap(HexFormat.of().parseHex("8080808008"))));
    }

    @Test
    void recipesSurviveARoundTrip() throws IOException {
        for (int i = 0; i < 200; i++) {
            var ids = random.longs(random.nextInt(5), 1, Long.MAX_VALUE).boxed().toList();
            var recipe = new Recipe<>(ids, runs(ids.size()));
            assertEquals(
                    recipe, Recipe.decode(recipe.encode(Recipe.PackReferenceCodec.IDS), Recipe.PackReferenceCodec.IDS));
            var keys = ids.stream().map(id -> Uuid7.generate()).toList();
            var keyRecipe = new Recipe<>(keys, recipe.runs());
            assertEquals(
                    keyRecipe,
                    Recipe.decode(keyRecipe.encode(Recipe.PackReferenceCodec.KEYS), Recipe.PackReferenceCodec.KEYS));
        }
    }

    @Test
    void recipeHasTheDocumentedBytes() {
        var recipe = new Recipe<>(List.of(258L), List.of(new Recipe.Run(0, 1, 2, 300, 4)));
        assertEquals(
                "01" + "0201000000000000" + "000102ac0204",
                HexFormat.of().formatHex(recipe.encode(Recipe.PackReferenceCodec.IDS)));
        var key = UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057");
        assertEquals(
                "01" + "01890a5dac96774bbcceb302099a8057",
                HexFormat.of().formatHex(new Recipe<>(List.of(key), List.of()).encode(Recipe.PackReferenceCodec.KEYS)));
    }

    @Test
    void truncatedAndInvalidRecipesAreRefused() {
        for (var hex : List.of("", "01", "ff7f", "00" + "0000010001", "01" + "0000000000000000" + "0000")) {
            assertThrows(
                    DamagedException.class,
                    () -> Recipe.decode(HexFormat.of().parseHex(hex), Recipe.PackReferenceCodec.IDS),
                    hex);
        }
    }

    @Test
    void chunkLengthsAddUp() throws IOException {
        var out = new ByteArrayOutputStream();
        ChunkLengths.put(out, 100, 7);
        ChunkLengths.put(out, 524288, 524300);
        ChunkLengths.put(out, 1, 14);
        var cursor = new ChunkLengths(out.toByteArray()).cursor();
        assertTrue(cursor.next());
        assertTrue(cursor.next());
        assertEquals(List.of(524288, 524300), List.of(cursor.rawLength(), cursor.compressedLength()));
        assertEquals(List.of(100L, 7L), List.of(cursor.rawStart(), cursor.frameStart()));
        assertTrue(cursor.next());
        assertEquals(List.of(524388L, 524307L), List.of(cursor.rawStart(), cursor.frameStart()));
        assertFalse(cursor.next());
    }

    @Test
    void chunkLengthsAreReadFromFrames() throws IOException {
        var smallChunk = NarFixture.text(1, 3000);
        var largeChunk = new byte[200_000];
        var frames = new ByteArrayOutputStream();
        var expected = new ByteArrayOutputStream();
        for (var chunk : List.of(smallChunk, largeChunk)) {
            var frame = Zstd.compress(chunk, 3);
            frames.writeBytes(frame);
            ChunkLengths.put(expected, chunk.length, frame.length);
        }
        assertArrayEquals(
                expected.toByteArray(),
                ChunkLengths.ofFrames(frames.toByteArray()).bytes());
        assertThrows(
                DamagedException.class,
                () -> ChunkLengths.ofFrames(Arrays.copyOf(frames.toByteArray(), frames.size() - 1)));
        assertThrows(DamagedException.class, () -> ChunkLengths.ofFrames(new byte[10]));
    }

    @Test
    void footersSurviveARoundTrip() throws IOException {
        for (int chunks : new int[] {0, 1, 50, 1800}) {
            var footer = footer(chunks);
            var frame = footer.encode();
            var pack = new byte[frame.length + 1000];
            System.arraycopy(frame, 0, pack, 1000, frame.length);
            assertSame(footer, PackFooter.read(Content.of(pack)));
            assertSame(footer, PackFooter.read(Content.of(frame)));
        }
        var part = PackFooter.ofPart(NarFixture.noise(1, 80));
        assertSame(part, PackFooter.decode(part.encode()));
        assertEquals(2, part.chunkCount());
    }

    @Test
    void footerEntryHasHashAndLengths() throws IOException {
        var table = new ByteArrayOutputStream();
        PackFooter.appendChunk(table, new byte[32], 1, 2);
        PackFooter.appendChunk(table, NarFixture.noise(3, 32), 524288, 99);
        var footer = PackFooter.decode(PackFooter.ofPart(table.toByteArray()).encode());
        var sha256 = HexFormat.of().formatHex(NarFixture.noise(3, 32));
        assertEquals(new PackFooter.ChunkEntry(sha256, 524288, 99), footer.chunk(1));
    }

    @Test
    void footerIsASkippableFrame() {
        var frame = footer(3).encode();
        assertEquals("5e2a4d18", HexFormat.of().formatHex(frame, 0, 4));
        assertEquals(frame.length, Zstd.findFrameCompressedSize(frame));
    }

    @Test
    void damageToAFooterIsDetected() {
        var frame = footer(20).encode();
        for (int position = 0; position < frame.length; position++) {
            var damaged = frame.clone();
            damaged[position] ^= (byte) (1 << random.nextInt(8));
            assertThrows(DamagedException.class, () -> PackFooter.decode(damaged), "byte " + position);
        }
        for (int length = 0; length < frame.length; length++) {
            var truncated = Arrays.copyOf(frame, length);
            assertThrows(DamagedException.class, () -> PackFooter.read(Content.of(truncated)), "length " + length);
        }
    }

    @Test
    void keysAreAscendingUuidsOfVersion7() {
        var key = Uuid7.generate();
        assertEquals(7, key.version());
        assertEquals(2, key.variant());
        assertTrue(Math.abs((key.getMostSignificantBits() >>> 16) - System.currentTimeMillis()) < 60_000);
        assertEquals(
                "packs/0badcafe/57/01890a5d-ac96-774b-bcce-b302099a8057",
                new PackKey("0badcafe", UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057")).path());
    }

    private PackFooter footer(int chunks) {
        var keys = List.of(Uuid7.generate(), Uuid7.generate());
        return new PackFooter(
                false,
                1L << 40,
                NarFixture.noise(1, 32),
                NarFixture.noise(2, 40 * chunks),
                new Recipe<>(keys, runs(2)),
                NarFixture.noise(3, 17));
    }

    private List<Recipe.Run> runs(int packs) {
        var runs = new ArrayList<Recipe.Run>();
        for (int i = 0; packs > 0 && i < random.nextInt(6); i++) {
            runs.add(new Recipe.Run(
                    random.nextInt(packs),
                    random.nextInt(1 << 20),
                    1 + random.nextInt(100),
                    random.nextLong(1L << 41),
                    random.nextLong(1L << 31)));
        }
        return runs;
    }

    private static void assertSame(PackFooter expected, PackFooter actual) {
        assertEquals(expected.part(), actual.part());
        assertEquals(expected.narSize(), actual.narSize());
        assertArrayEquals(expected.narHash(), actual.narHash());
        assertArrayEquals(expected.chunks(), actual.chunks());
        assertEquals(expected.recipe(), actual.recipe());
        assertArrayEquals(expected.meta(), actual.meta());
    }
}
