package dev.narthex.store.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.http.Content;
import dev.narthex.store.support.NarFixture;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RecipeContentTest {
    private static final int MIB = 1 << 20;

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    /** Counts who reads it. */
    private Content pack(byte[] bytes) {
        var inner = Content.of(bytes);
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open(long from, long count) throws IOException {
                opened.incrementAndGet();
                open.incrementAndGet();
                return new java.io.FilterInputStream(inner.open(from, count)) {
                    @Override
                    public void close() {
                        open.decrementAndGet();
                    }
                };
            }
        };
    }

    private static Recipe.Run run(int slot, long offset, long length) {
        return new Recipe.Run(slot, 0, 1, offset, length);
    }

    @Test
    void alternatingPacksAreReadOnceEach() throws IOException {
        var singleByte = NarFixture.noise(1, 4 * MIB);
        var two = NarFixture.noise(2, 4 * MIB);
        var content = new RecipeContent(
                List.of(pack(singleByte), pack(two)),
                List.of(run(0, 0, 1000), run(1, 500, 1000), run(0, 2000, MIB), run(1, 1500, 10), run(0, 2 * MIB, 99)));
        var expected = new ByteArrayOutputStream();
        expected.write(singleByte, 0, 1000);
        expected.write(two, 500, 1000);
        expected.write(singleByte, 2000, MIB);
        expected.write(two, 1500, 10);
        expected.write(singleByte, 2 * MIB, 99);
        try (var in = content.open()) {
            assertArrayEquals(expected.toByteArray(), in.readAllBytes());
        }
        assertEquals(2, opened.get());
        assertEquals(0, open.get());
    }

    @Test
    void seeksRestartDecoding() throws IOException {
        var singleByte = NarFixture.noise(1, 4 * MIB);
        var content = new RecipeContent(
                List.of(pack(singleByte)), List.of(run(0, 3 * MIB, 10), run(0, 0, 10), run(0, 2 * MIB, 10)));
        try (var in = content.open()) {
            assertEquals(30, in.readAllBytes().length);
        }
        assertEquals(3, opened.get());
        assertEquals(0, open.get());
    }

    @Test
    void truncatedPackIsAnError() throws IOException {
        var content = new RecipeContent(List.of(shortened(NarFixture.noise(1, 1000))), List.of(run(0, 0, 1000)));
        try (var in = content.open()) {
            assertThrows(EOFException.class, in::readAllBytes);
        }
    }

    private static Content shortened(byte[] bytes) {
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open(long from, long count) throws IOException {
                return Content.of(bytes).open(from, count / 2);
            }
        };
    }

    @RepeatedTest(50)
    void anyRangeOfAnyRecipeIsRead(RepetitionInfo repetition) throws IOException {
        var random = new Random(repetition.getCurrentRepetition());
        var packs = new ArrayList<byte[]>();
        for (int i = 0; i < 3; i++) {
            packs.add(NarFixture.noise(random.nextLong(), 100 + random.nextInt(3 * MIB)));
        }
        var runs = new ArrayList<Recipe.Run>();
        var expected = new ByteArrayOutputStream();
        for (int i = random.nextInt(30); i >= 0; i--) {
            int slot = random.nextInt(3);
            var pack = packs.get(slot);
            int offset = random.nextInt(pack.length);
            int length = 1 + random.nextInt(Math.min(pack.length - offset, 200_000));
            runs.add(run(slot, offset, length));
            expected.write(pack, offset, length);
        }
        var content = new RecipeContent(packs.stream().map(this::pack).toList(), runs);
        var whole = expected.toByteArray();
        assertEquals(whole.length, content.length());
        int from = random.nextInt(whole.length);
        int count = random.nextInt(whole.length - from + 1);
        var wanted = Arrays.copyOfRange(whole, from, from + count);
        try (var in = content.open(from, count)) {
            assertArrayEquals(wanted, in.readAllBytes());
        }
        try (var in = content.open(from, count)) {
            assertArrayEquals(wanted, byChannel(in, count, random));
        }
        try (var in = content.open(from, count)) {
            in.readNBytes(random.nextInt(count + 1));
        }
        assertEquals(0, open.get());
    }

    private static byte[] byChannel(InputStream in, int count, Random random) throws IOException {
        var channel = DecompressingNarInputStream.toChannel(in);
        var out = ByteBuffer.allocate(count);
        var buffer = ByteBuffer.allocateDirect(70_000);
        while (true) {
            buffer.clear().limit(1 + random.nextInt(buffer.capacity()));
            if (channel.read(buffer) < 0) {
                return out.array();
            }
            out.put(buffer.flip());
        }
    }
}
