package dev.narthex.store.pack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.http.Content;
import dev.narthex.store.support.NarFixture;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
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

    private final AtomicInteger openedStreams = new AtomicInteger();
    private final AtomicInteger openStreams = new AtomicInteger();

    /** Returns content that counts its open and its opened streams. */
    private Content countingContent(byte[] bytes) {
        var inner = Content.of(bytes);
        return new Content() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public InputStream open(long from, long count) throws IOException {
                openedStreams.incrementAndGet();
                openStreams.incrementAndGet();
                return new FilterInputStream(inner.open(from, count)) {
                    @Override
                    public void close() {
                        openStreams.decrementAndGet();
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
        var firstPack = NarFixture.noise(1, 4 * MIB);
        var secondPack = NarFixture.noise(2, 4 * MIB);
        var content = new RecipeContent(
                List.of(countingContent(firstPack), countingContent(secondPack)),
                List.of(run(0, 0, 1000), run(1, 500, 1000), run(0, 2000, MIB), run(1, 1500, 10), run(0, 2 * MIB, 99)));
        var expected = new ByteArrayOutputStream();
        expected.write(firstPack, 0, 1000);
        expected.write(secondPack, 500, 1000);
        expected.write(firstPack, 2000, MIB);
        expected.write(secondPack, 1500, 10);
        expected.write(firstPack, 2 * MIB, 99);
        try (var in = content.open()) {
            assertArrayEquals(expected.toByteArray(), in.readAllBytes());
        }
        assertEquals(2, openedStreams.get());
        assertEquals(0, openStreams.get());
    }

    @Test
    void seeksRestartDecoding() throws IOException {
        var firstPack = NarFixture.noise(1, 4 * MIB);
        var content = new RecipeContent(
                List.of(countingContent(firstPack)), List.of(run(0, 3 * MIB, 10), run(0, 0, 10), run(0, 2 * MIB, 10)));
        try (var in = content.open()) {
            assertEquals(30, in.readAllBytes().length);
        }
        assertEquals(3, openedStreams.get());
        assertEquals(0, openStreams.get());
    }

    @Test
    void truncatedPackIsAnError() throws IOException {
        var content = new RecipeContent(List.of(truncatedContent(NarFixture.noise(1, 1000))), List.of(run(0, 0, 1000)));
        try (var in = content.open()) {
            assertThrows(EOFException.class, in::readAllBytes);
        }
    }

    private static Content truncatedContent(byte[] bytes) {
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
        var content =
                new RecipeContent(packs.stream().map(this::countingContent).toList(), runs);
        var allBytes = expected.toByteArray();
        assertEquals(allBytes.length, content.length());
        int from = random.nextInt(allBytes.length);
        int count = random.nextInt(allBytes.length - from + 1);
        var expectedRange = Arrays.copyOfRange(allBytes, from, from + count);
        try (var in = content.open(from, count)) {
            assertArrayEquals(expectedRange, in.readAllBytes());
        }
        try (var in = content.open(from, count)) {
            assertArrayEquals(expectedRange, readThroughChannel(in, count, random));
        }
        try (var in = content.open(from, count)) {
            in.readNBytes(random.nextInt(count + 1));
        }
        assertEquals(0, openStreams.get());
    }

    private static byte[] readThroughChannel(InputStream in, int count, Random random) throws IOException {
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
