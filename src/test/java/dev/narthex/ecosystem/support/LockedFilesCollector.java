package dev.narthex.ecosystem.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;

/** The files found by a lockfile reader. */
public final class LockedFilesCollector implements LockfileVisitor {
    public final Map<String, LockedFile> files = new LinkedHashMap<>();
    public final List<List<LockedFile>> choices = new ArrayList<>();
    public final Map<String, String> skipped = new LinkedHashMap<>();
    public String format = "";

    private final LockfileReader reader;

    private LockedFilesCollector(LockfileReader reader) {
        this.reader = reader;
    }

    public static LockedFilesCollector of(LockfileReader reader, String lock) {
        var found = new LockedFilesCollector(reader);
        try {
            reader.read(new StringReader(lock), found);
        } catch (IOException e) {
            throw new AssertionError("not even a problem", e);
        }
        return found;
    }

    public static Problem refused(LockfileReader reader, String lock) {
        var problem =
                assertThrows(ProblemException.class, () -> of(reader, lock)).problem();
        assertEquals(422, problem.status());
        return problem;
    }

    /** @param file below {@code locks} */
    public static String text(String file) {
        try (InputStream in = LockedFilesCollector.class.getResourceAsStream("/locks/" + file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void format(String given) {
        format = given;
    }

    @Override
    public void add(LockedFile file) {
        files.put(file.key(), file);
    }

    @Override
    public void choice(List<LockedFile> of) {
        choices.add(of);
    }

    @Override
    public void skip(String key, String reason) {
        skipped.put(key, reason);
    }

    public String told(String key) {
        return told(Objects.requireNonNull(files.get(key), () -> key + " is not among " + files.keySet()));
    }

    public String told(LockedFile file) {
        return file.name() + " " + file.version() + " " + file.filename().orElse("-") + " "
                + file.hash().sri() + " " + file.url().orElse("-") + " "
                + reader.route(file, file.filename().orElse("-")).orElse("-");
    }

    /** First words of the reasons. */
    public String reasons() {
        return skipped.entrySet().stream()
                .map(e -> e.getKey() + ": "
                        + e.getValue().split(",")[0].split(" in the lock")[0].split(" of the package")[0])
                .collect(Collectors.joining("\n"));
    }

    /**
     * A lockfile with random changes, reproducible by the generator's seed.
     *
     * @param pieces texts that may be inserted
     */
    public static String damaged(String lock, Random random, List<String> pieces) {
        var text = new StringBuilder(lock);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(text.length() + 1);
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, pieces.get(random.nextInt(pieces.size())));
                case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(30)));
                case 2 -> text.setLength(at);
                default -> {
                    int from = random.nextInt(text.length() + 1);
                    text.insert(at, text.substring(from, Math.min(text.length(), from + random.nextInt(200))));
                }
            }
        }
        return text.toString();
    }

    /** Returns how many of {@code count} damaged lockfiles are refused as unreadable; the others must be readable. */
    public static int refused(LockfileReader reader, String lock, int seeds, List<String> pieces) {
        int refused = 0;
        for (int seed = 0; seed < seeds; seed++) {
            try {
                of(reader, damaged(lock, new Random(seed), pieces));
            } catch (ProblemException e) {
                refused++;
                assertEquals(422, e.problem().status(), seed + ": " + e.getMessage());
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        return refused;
    }
}
