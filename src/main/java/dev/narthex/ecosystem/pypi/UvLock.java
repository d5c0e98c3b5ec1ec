package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.pypi.LockedDistributions.FileReference;
import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;
import java.util.stream.Stream;

/** Reads {@code uv.lock} version 1 in all its revisions (astral-sh/uv, uv-resolver src/lock/mod.rs). */
final class UvLock {
    private static final String FORMAT = "uv.lock";
    private static final String PACKAGE = "package";

    private final TomlTables in;
    private final LockfileVisitor visitor;

    UvLock(TomlTables in, LockfileVisitor visitor) {
        this.in = in;
        this.visitor = visitor;
    }

    /** @param head members before the first table */
    void read(TomlTableReader head) throws IOException {
        in.format(FORMAT);
        var version = head.text("version");
        if (!version.equals("1")) {
            throw in.problem(1, "version", version, "version 1 is read.");
        }
        for (var table = in.next(); table.isPresent(); table = in.next()) {
            if (table.get().name().equals(PACKAGE)) {
                report(TomlTableReader.ofArray(in, table.get()));
            }
        }
        visitor.format(FORMAT + " v" + version);
    }

    private void report(TomlTableReader table) {
        var files = new LockedDistributions(table.requireText("name"), table.text("version"));
        var source = table.table("source");
        if (source.has("git")) {
            files.skip("is a git dependency, for which there is no hash", visitor);
        } else if (Stream.of("editable", "virtual", "directory").anyMatch(source::has)) {
            files.skip("is a folder of the project", visitor);
        } else {
            Stream.concat(
                            table.tables("wheels").stream(),
                            Stream.of("sdist").filter(table::has).map(table::table))
                    .forEach(file -> add(file, source, files));
            files.report(visitor);
        }
    }

    /** For a package that is a single file, its source contains the URL. */
    private static void add(TomlTableReader file, TomlTableReader source, LockedDistributions to) {
        var place = Stream.of(file, source)
                .flatMap(table -> Stream.of(table.text("url"), table.text("path")))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("");
        file.add(new FileReference(file.text("filename"), place, file.text("hash")), to);
    }
}
