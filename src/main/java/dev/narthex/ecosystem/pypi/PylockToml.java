package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.pypi.LockedDistributions.FileReference;
import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;
import java.util.stream.Stream;

/**
 * Reads {@code pylock.toml} (packaging.python.org, "pylock.toml Specification", PEP 751), as written by pip lock, uv export and
 * pdm export.
 */
final class PylockToml {
    private static final String FORMAT = "pylock.toml";
    private static final String PACKAGES = "packages";

    private final TomlTables in;
    private final LockfileVisitor visitor;

    PylockToml(TomlTables in, LockfileVisitor visitor) {
        this.in = in;
        this.visitor = visitor;
    }

    /** @param head members before the first table */
    void read(TomlTableReader head) throws IOException {
        in.format(FORMAT);
        var version = head.text("lock-version");
        if (!version.matches("1\\.[0-9]{1,9}")) {
            throw in.problem(1, "lock-version", version, "version 1.0 is read.");
        }
        // an empty list of packages is written as a plain array, not as an array of tables
        head.tables(PACKAGES).forEach(this::report);
        for (var table = in.next(); table.isPresent(); table = in.next()) {
            if (table.get().name().equals(PACKAGES)) {
                report(TomlTableReader.ofArray(in, table.get()));
            }
        }
        visitor.format(FORMAT + " v" + version);
    }

    private void report(TomlTableReader table) {
        var files = new LockedDistributions(table.requireText("name"), table.text("version"));
        if (table.has("vcs")) {
            files.skip("is a repository dependency, for which there is no hash", visitor);
        } else if (table.has("directory")) {
            files.skip("is a folder of the project", visitor);
        } else {
            Stream.concat(
                            table.tables("wheels").stream(),
                            Stream.of("sdist", "archive").filter(table::has).map(table::table))
                    .forEach(file -> add(file, files));
            files.report(visitor);
        }
    }

    /** Prefers SHA-256, by which registries address files; otherwise uses another hash. */
    private static void add(TomlTableReader file, LockedDistributions to) {
        var hashes = file.table("hashes");
        var hash = Stream.concat(Stream.of("sha256", "sha512"), hashes.names().stream())
                .filter(hashes::has)
                .findFirst()
                .map(algorithm -> algorithm + ":" + hashes.text(algorithm))
                .orElse("");
        var url = file.text("url");
        hashes.add(new FileReference(file.text("name"), url.isEmpty() ? file.text("path") : url, hash), to);
    }
}
