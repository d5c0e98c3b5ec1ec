package dev.narthex.search;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.TestDatabase;
import dev.narthex.catalog.Changes;
import dev.narthex.search.Seeds.Seed;
import dev.narthex.spi.Cache;
import io.quarkus.logging.Log;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A large instance on this machine: how long a new index and answers take. Run with {@code -Dtest.groups=long}. */
@Tag("long")
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class SpeedTest {
    private static final int NAMES = 100_000;
    private static final int QUESTIONS = 500;
    private static final Duration SUGGEST_95 = Duration.ofMillis(50);
    private static final Duration SEARCH_95 = Duration.ofMillis(200);
    private static final String[] LETTERS = {
        "ba", "co", "de", "fi", "gra", "lo", "mi", "nu", "pre", "qu", "re", "sta", "ti", "ve"
    };

    @Inject
    Index index;

    @Inject
    Changes changes;

    @Inject
    Seeds seeds;

    private final Random random = new Random(7);

    @Test
    void aHundredThousandNamesAreFoundAtOnce() {
        var cache = seeds.cache(true);
        for (int i = 0; i < NAMES; i += 5000) {
            seeds.add(cache, some(i));
        }
        Fresh.until(() -> index.state().revision().equals(changes.revision()), Duration.ofMinutes(20));
        var before = index.state().revision();
        long begun = System.nanoTime();
        index.rebuild();
        Fresh.until(() -> index.state().building(), Duration.ofSeconds(60));
        Fresh.until(() -> !index.state().building(), Duration.ofMinutes(20));
        Log.infof(
                "rebuilt %s in %d s",
                before, Duration.ofNanos(System.nanoTime() - begun).toSeconds());
        var suggest = timed(
                "suggest",
                this::prefix,
                text -> index.suggest(text, List.of(cache.id())).orElseThrow());
        var search = timed("search", this::words, text -> search(cache, text));
        timed("typo", () -> word() + "x", text -> search(cache, text));
        assertTrue(suggest.compareTo(SUGGEST_95) < 0, "suggest takes " + suggest);
        assertTrue(search.compareTo(SEARCH_95) < 0, "search takes " + search);
    }

    private void search(Cache cache, String text) {
        index.search(Query.of(text, List.of(cache.id()))).orElseThrow();
    }

    private List<Seed> some(int first) {
        var some = new ArrayList<Seed>();
        for (int i = 0; i < 5000; i++) {
            var name = word() + "-" + word() + "-" + (first + i);
            some.add(new Seed(
                    i % 3 == 0 ? "pypi" : "npm",
                    name,
                    "1.0.0",
                    i % 2 == 0 ? "MIT" : "ISC",
                    "",
                    i < 5 ? 200 : 0,
                    false,
                    "A %s for %s and %s".formatted(word(), word(), word())));
        }
        return some;
    }

    private String word() {
        var word = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            word.append(LETTERS[random.nextInt(LETTERS.length)]);
        }
        return word.toString();
    }

    private String prefix() {
        return word().substring(0, 2 + random.nextInt(4));
    }

    private String words() {
        return random.nextBoolean() ? prefix() : word() + " " + word();
    }

    private Duration timed(String what, Supplier<String> texts, Consumer<String> question) {
        var nanos = new long[QUESTIONS];
        for (int i = -100; i < QUESTIONS; i++) {
            var text = texts.get();
            long begun = System.nanoTime();
            question.accept(text);
            nanos[Math.max(i, 0)] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        var at95 = Duration.ofNanos(nanos[QUESTIONS * 95 / 100]);
        Log.infof(
                "%s: median %d us, p95 %d us, longest %d us",
                what, nanos[QUESTIONS / 2] / 1000, at95.toNanos() / 1000, nanos[QUESTIONS - 1] / 1000);
        return at95;
    }
}
