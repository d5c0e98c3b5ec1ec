package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.LockHead;
import dev.narthex.spi.LockedFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.regex.Pattern;

/** The locks of Python's installers, told apart by how they begin. */
final class PypiLock {
    static final String FORMATS =
            "requirements.txt with hashes, pylock.toml, poetry.lock v1.1 and v2, pdm.lock since v4.4, uv.lock v1";

    /** A header or a member, which no requirement looks like. */
    private static final Pattern TOML = Pattern.compile("\\[|(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')\\s*=(?!=)");

    private PypiLock() {}

    static void read(Reader lock, LockedFiles found) throws IOException {
        var in = new BufferedReader(lock);
        var first = LockHead.lines(in)
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .findFirst()
                .orElse("");
        if (TOML.matcher(first).lookingAt()) {
            toml(new TomlTables(in, "lock"), found);
        } else {
            new RequirementsLock(in, found).read();
        }
    }

    /** Their first members tell them apart. Those of poetry and pdm have none. */
    private static void toml(TomlTables in, LockedFiles found) throws IOException {
        var head = TomlMembers.of(in, in.next().orElseThrow());
        if (head.has("lock-version")) {
            new PylockToml(in, found).read(head);
        } else if (head.has("version")) {
            new UvLock(in, found).read(head);
        } else {
            new PoetryLock(in, found).read();
        }
    }
}
