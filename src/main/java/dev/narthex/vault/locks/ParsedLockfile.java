package dev.narthex.vault.locks;

import dev.narthex.problem.Problem;
import dev.narthex.spi.LockedFile;
import dev.narthex.spi.LockfileReader;
import dev.narthex.spi.LockfileVisitor;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A parsed lockfile. All its texts are validated, so they can be written as JSON and Nix. */
public final class ParsedLockfile {
    private static final int MAX_TEXT_LENGTH = 4096;

    private final List<Dependency> dependencies;
    private final List<SkippedDependency> skipped;
    private final String format;

    private ParsedLockfile(LockfileCollector collector) {
        this.dependencies = collector.dependencies;
        this.skipped = collector.skipped;
        this.format = collector.format;
    }

    /**
     * A dependency.
     *
     * @param files at least one
     * @param choice whether clients need only one of the files
     */
    record Dependency(List<LockedFile> files, boolean choice) {}

    /** @param reason sentence without subject and period */
    record SkippedDependency(String key, String reason) {}

    /**
     * Parses a lockfile.
     *
     * @param memoryLimit accounts for the memory of the result
     * @throws dev.narthex.problem.ProblemException Unprocessable, TooLarge, Unavailable
     */
    public static ParsedLockfile read(LockfileReader reader, Reader text, LockfileMemoryLimit memoryLimit)
            throws IOException {
        var collector = new LockfileCollector(memoryLimit);
        try {
            reader.read(text, collector);
        } catch (CharacterCodingException | CharConversionException e) {
            throw Problem.unprocessable("lock", "", "it is not UTF-8.");
        }
        return new ParsedLockfile(collector);
    }

    String format() {
        return format;
    }

    /** Returns the dependencies in the order of the lockfile. */
    List<Dependency> dependencies() {
        return dependencies;
    }

    List<SkippedDependency> skipped() {
        return skipped;
    }

    private static final class LockfileCollector implements LockfileVisitor {
        private final LockfileMemoryLimit memoryLimit;
        private final List<Dependency> dependencies = new ArrayList<>();
        private final List<SkippedDependency> skipped = new ArrayList<>();
        private final Set<String> keys = new HashSet<>();
        private String format = "";

        LockfileCollector(LockfileMemoryLimit memoryLimit) {
            this.memoryLimit = memoryLimit;
        }

        @Override
        public void format(String given) {
            format = given;
        }

        @Override
        public void add(LockedFile file) {
            take(file);
            if (!keys.add(file.key())) {
                throw Problem.unprocessable("lock", file.key(), "it is there twice.");
            }
            dependencies.add(new Dependency(List.of(file), false));
        }

        @Override
        public void choice(List<LockedFile> files) {
            files.forEach(this::take);
            dependencies.add(new Dependency(List.copyOf(files), true));
        }

        private void take(LockedFile file) {
            memoryLimit.reserve(
                    check(file.key(), file.name(), file.version(), file.url().orElse("")));
        }

        @Override
        public void skip(String key, String reason) {
            memoryLimit.reserve(check(key));
            skipped.add(new SkippedDependency(key, reason));
        }

        /** Rejects text that neither JSON nor Nix can represent. Returns the number of characters. */
        private static int check(String... texts) {
            int characters = 0;
            for (var text : texts) {
                boolean flawed = text.indexOf('\0') >= 0
                        || text.codePoints()
                                .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
                if (flawed || text.length() > MAX_TEXT_LENGTH) {
                    throw Problem.unprocessable(
                            "lock", text, "expected well-formed text of at most " + MAX_TEXT_LENGTH + " characters.");
                }
                characters += text.length();
            }
            return characters;
        }
    }
}
