package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.LockfileSniffer;
import dev.narthex.spi.LockfileVisitor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.regex.Pattern;

/** Reads lockfiles of Python installers. Detects the format from the first lines. */
final class PypiLock {
    static final String FORMATS =
            "requirements.txt with hashes, pylock.toml, poetry.lock v1.1 and v2, pdm.lock since v4.4, uv.lock v1";

    /** A TOML table header or key; requirements do not look like this. */
    private static final Pattern TOML = Pattern.compile("\\[|(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\\s*=(?!=)");

    private PypiLock() {}

    static void read(Reader lock, LockfileVisitor visitor) throws IOException {
        var in = new BufferedReader(lock);
        var first = LockfileSniffer.lines(in)
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .findFirst()
                .orElse("");
        if (TOML.matcher(first).lookingAt()) {
            toml(new TomlTables(in, "lock"), visitor);
        } else {
            new RequirementsLock(in, visitor).read();
        }
    }

    /** Detects the format by the members before the first table; poetry.lock and pdm.lock begin with a table. */
    private static void toml(TomlTables in, LockfileVisitor visitor) throws IOException {
        var head = TomlTableReader.of(in, in.next().orElseThrow());
        if (head.has("lock-version")) {
            new PylockToml(in, visitor).read(head);
        } else if (head.has("version")) {
            new UvLock(in, visitor).read(head);
        } else {
            new PoetryLock(in, visitor).read();
        }
    }
}
