package dev.narthex.ecosystem.npm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.narthex.ecosystem.LockfileError;
import dev.narthex.ecosystem.LockfileSniffer;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.LockfileVisitor;
import dev.narthex.spi.UntrustedJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;

/** Reads lockfiles of npm, pnpm and yarn. Detects the format from the first lines. */
final class NpmLock {
    static final String FORMATS = "package-lock.json v2 and v3, pnpm-lock.yaml v6 and v9, yarn.lock of yarn 1";

    private static final StreamReadConstraints BOUNDS = StreamReadConstraints.builder()
            .maxNestingDepth(100)
            .maxStringLength(1 << 20)
            .build();
    private static final JsonFactory JSON = UntrustedJson.factoryWithoutDuplicates(BOUNDS);
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .loaderOptions(yaml())
            .streamReadConstraints(BOUNDS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private NpmLock() {}

    private enum Format {
        NPM,
        PNPM,
        YARN_CLASSIC,
        YARN_BERRY,
        NONE
    }

    static void read(Reader lock, LockfileVisitor visitor) throws IOException {
        var in = new BufferedReader(lock);
        switch (format(in)) {
            case NPM -> tree(JSON, PackageLock.FORMAT, in, tree -> new PackageLock(tree, visitor).read());
            case PNPM -> tree(YAML, PnpmLock.FORMAT, in, tree -> new PnpmLock(tree, visitor).read());
            case YARN_CLASSIC -> new YarnLock(in, visitor).read();
            case YARN_BERRY ->
                throw problem("yarn 2 and later records hashes of its own archives, not of published files; "
                        + "these are read: " + FORMATS + ".");
            case NONE -> throw problem("this is not a supported lockfile: " + FORMATS + ".");
        }
    }

    private interface LockfileParser {
        void of(LockfileTreeReader tree) throws IOException;
    }

    private static void tree(JsonFactory factory, String format, Reader in, LockfileParser reading) throws IOException {
        try (var parser = factory.createParser(in)) {
            reading.of(new LockfileTreeReader(parser, format));
        } catch (JsonProcessingException e) {
            throw LockfileError.of(format, 0, e);
        }
    }

    private static Format format(BufferedReader in) throws IOException {
        return LockfileSniffer.lines(in)
                .map(NpmLock::findFormat)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(Format.NONE);
    }

    /** Returns the format that a line identifies; empty for blank lines and comments. */
    private static Optional<Format> findFormat(String line) {
        if (line.startsWith("# yarn lockfile v1")) {
            return Optional.of(Format.YARN_CLASSIC);
        }
        if (line.isBlank() || line.startsWith("#") || line.startsWith("---")) {
            return Optional.empty();
        }
        if (line.stripLeading().startsWith("{")) {
            return Optional.of(Format.NPM);
        }
        if (line.startsWith("lockfileVersion:")) {
            return Optional.of(Format.PNPM);
        }
        return Optional.of(line.startsWith("__metadata:") ? Format.YARN_BERRY : Format.NONE);
    }

    /** Removes SnakeYAML's limit on the length: the text is already bounded. */
    private static LoaderOptions yaml() {
        var options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE);
        return options;
    }

    private static ProblemException problem(String hint) {
        return LockfileError.of("lock", 0, "", "", hint);
    }
}
