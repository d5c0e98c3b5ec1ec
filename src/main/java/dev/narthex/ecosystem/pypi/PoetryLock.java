package dev.narthex.ecosystem.pypi;

import dev.narthex.ecosystem.pypi.LockedDistributions.FileReference;
import dev.narthex.spi.LockfileVisitor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads {@code poetry.lock} (python-poetry/poetry src/poetry/packages/locker.py) and {@code pdm.lock} (pdm-project/pdm
 * src/pdm/project/lockfile), which describe files alike: by name and hash, usually without URLs. poetry.lock 1.1 lists files
 * after all packages, and those of all versions of a package together.
 */
final class PoetryLock {
    private static final String POETRY = "poetry.lock";
    private static final String PDM = "pdm.lock";
    private static final String PACKAGE = "package";
    private static final String METADATA = "metadata";
    private static final Pattern POETRYS = Pattern.compile("1\\.1|2\\.[0-9]{1,9}");
    private static final Pattern PDMS = Pattern.compile("4\\.([4-9]|[1-9][0-9]{1,8})(\\.[0-9.]{1,20})?");

    private final TomlTables in;
    private final LockfileVisitor visitor;
    /** Packages whose files are listed later, by their normalized name. */
    private final Map<String, List<Package>> deferred = new LinkedHashMap<>();

    private String format = POETRY;
    private String version = "";

    PoetryLock(TomlTables in, LockfileVisitor visitor) {
        this.in = in;
        this.visitor = visitor;
    }

    /** @param url URL of its only file; empty unless it was locked by URL */
    private record Package(String name, String version, String url) {
        LockedDistributions files() {
            return new LockedDistributions(name, version);
        }
    }

    void read() throws IOException {
        in.format(format);
        for (var table = in.next(); table.isPresent(); table = in.next()) {
            switch (table.get().name()) {
                case PACKAGE -> report(TomlTableReader.ofArray(in, table.get()));
                case METADATA -> metadata(TomlTableReader.of(in, table.get()));
                default -> {}
            }
        }
        if (!(format.equals(PDM) ? PDMS : POETRYS).matcher(version).matches()) {
            throw in.problem(
                    0, METADATA, version, "poetry's locks of version 1.1 and 2 are read, and pdm's since 4.4.");
        }
        deferred.values().stream()
                .flatMap(List::stream)
                .forEach(none -> none.files().report(visitor));
        visitor.format(format + " v" + version);
    }

    private void metadata(TomlTableReader table) {
        if (table.has("lock_version")) {
            format = PDM;
            version = table.text("lock_version");
        } else if (table.has("lock-version")) {
            version = table.text("lock-version");
        }
        in.format(format);
        var files = table.table("files");
        for (var name : files.names()) {
            var versions = Optional.ofNullable(deferred.remove(ProjectName.normalize(name)));
            versions.ifPresent(packages -> report(packages, files.tables(name)));
        }
    }

    /** If there are several versions, assigns files to them by file name. */
    private void report(List<Package> versions, List<TomlTableReader> files) {
        if (versions.size() == 1) {
            report(versions.getFirst(), files);
            return;
        }
        var named = files.stream()
                .collect(Collectors.groupingBy(file -> DistributionName.parse(file.text("file"))
                        .map(name -> key(name.version()))
                        .orElse("")));
        // a version that occurs twice gets its files only once
        versions.forEach(pkg ->
                report(pkg, Optional.ofNullable(named.remove(key(pkg.version))).orElse(List.of())));
    }

    /** Returns the same key for all spellings of a version. */
    private static String key(String version) {
        return HexFormat.of().formatHex(PypiVersion.key(version));
    }

    private void report(Package pkg, List<TomlTableReader> files) {
        var distributions = pkg.files();
        files.forEach(file -> add(file, pkg.url, distributions));
        distributions.report(visitor);
    }

    private void report(TomlTableReader table) {
        var source = table.table("source");
        var kind = source.text("type");
        var url = kind.equals("url") ? source.text("url") : table.text("url");
        var pkg = new Package(table.requireText("name"), table.text("version"), url);
        if (kind.equals("git") || table.has("revision")) {
            pkg.files().skip("is a repository dependency, for which there is no hash", visitor);
        } else if (kind.equals("directory") || table.has("editable")) {
            pkg.files().skip("is a folder of the project", visitor);
        } else if (table.has("files")) {
            report(pkg, table.tables("files"));
        } else {
            deferred.computeIfAbsent(ProjectName.normalize(pkg.name), name -> new ArrayList<>())
                    .add(pkg);
        }
    }

    /** @param url URL of the package, if it is a single file with one */
    private static void add(TomlTableReader file, String url, LockedDistributions to) {
        var own = file.text("url");
        file.add(new FileReference(file.text("file"), own.isEmpty() ? url : own, file.text("hash")), to);
    }
}
