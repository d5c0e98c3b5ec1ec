package dev.narthex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The architecture as visible in imports: which package may import which, and which packages may use which library. */
class ImportTableTest {
    private static final String ROOT = "dev.narthex.";
    private static final Path MAIN = Path.of("src/main/java/dev/narthex");
    private static final int MAX_LINES = 400;

    private static final List<Entry> TABLE = table();

    private static final Map<String, Set<String>> MAY_IMPORT =
            TABLE.stream().collect(Collectors.toMap(Entry::room, Entry::imports));

    private record Entry(String room, Set<String> imports) {}

    /** Reads import-table.txt, whose lines are {@code package: imported packages}. */
    private static List<Entry> table() {
        try (var lines = Files.lines(Path.of("src/test/resources/import-table.txt"))) {
            return lines.filter(line -> !line.startsWith("#"))
                    .map(line -> line.split(":", 2))
                    .map(parts -> new Entry(parts[0], imports(parts[1])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> imports(String names) {
        return names.isBlank() ? Set.of() : Set.of(names.strip().split(" "));
    }

    /** Package prefix of a library to the only packages of this project that may use it, including their subpackages. */
    private static final Map<String, Set<String>> FENCES = Map.ofEntries(
            Map.entry("java.sql.", Set.of("store", "db", "catalog", "retention", "vault.imports", "admin", "ops")),
            Map.entry("javax.sql.", Set.of("store", "db", "catalog", "retention", "vault.imports", "admin", "ops")),
            Map.entry("jakarta.persistence.", Set.of("catalog", "access")),
            Map.entry("io.quarkus.hibernate.", Set.of("catalog", "access")),
            Map.entry("com.github.kagkarlsson.", Set.of("ops")),
            Map.entry("software.amazon.", Set.of("store.s3")),
            Map.entry("io.opentelemetry.", Set.of("ops", "store.s3")),
            Map.entry("java.net.HttpURLConnection", Set.of("vault")),
            Map.entry("java.net.http.", Set.of("access", "vault")),
            Map.entry("io.quarkus.oidc.", Set.of("access")),
            Map.entry("io.quarkus.security.", Set.of("access")),
            Map.entry("io.quarkus.qute.", Set.of("web")),
            Map.entry("org.commonmark.", Set.of("web")),
            Map.entry("org.owasp.", Set.of("web")),
            Map.entry("com.github.difflib.", Set.of("web")),
            Map.entry("picocli.", Set.of("ops.start")),
            Map.entry("org.semver4j.", Set.of("ecosystem")),
            Map.entry("org.yaml.", Set.of("ecosystem")),
            Map.entry("org.apache.commons.fileupload2.", Set.of("ecosystem")),
            Map.entry("com.fasterxml.jackson.dataformat.yaml.", Set.of("ecosystem")),
            Map.entry("com.fasterxml.jackson.dataformat.toml.", Set.of("ecosystem")),
            Map.entry("com.jcraft.jzlib.", Set.of("archive")),
            // The derived files of trees must not depend on the zlib of the machine.
            Map.entry("java.util.zip.Deflater", Set.of("spi", "web")),
            Map.entry("java.util.zip.GZIPOutputStream", Set.of("spi", "web")),
            Map.entry("org.hibernate.search.", Set.of("search")),
            Map.entry("org.apache.lucene.", Set.of("search")));

    private static JavaClasses classes;

    @BeforeAll
    static void importClasses() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPath("target/classes");
    }

    @Test
    void packagesImportOnlyListedPackages() {
        var wrong = new TreeSet<String>();
        for (var dependency : dependencies()) {
            var from = room(dependency.getOriginClass());
            var to = room(dependency.getTargetClass());
            if (from.isPresent() && to.isPresent() && !allowed(from.get(), to.get())) {
                wrong.add(from.get() + " -> " + to.get() + ": " + dependency.getDescription());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void ecosystemsDoNotImportEachOther() {
        var wrong = new TreeSet<String>();
        for (var dependency : dependencies()) {
            var from = plugin(dependency.getOriginClass());
            var to = plugin(dependency.getTargetClass());
            if (to.isPresent() && !from.equals(to)) {
                wrong.add(dependency.getDescription());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void librariesStayBehindTheirFences() {
        var wrong = new TreeSet<String>();
        for (var dependency : dependencies()) {
            var from = dependency.getOriginClass().getPackageName() + ".";
            FENCES.forEach((library, packages) -> {
                if (dependency.getTargetClass().getName().startsWith(library)
                        && packages.stream().noneMatch(p -> from.startsWith(ROOT + p + "."))
                        && !generated(dependency.getOriginClass())) {
                    wrong.add(dependency.getDescription());
                }
            });
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void tableIsInOrderWithoutCycles() {
        var above = new HashSet<String>();
        for (var entry : TABLE) {
            assertTrue(
                    above.containsAll(entry.imports()),
                    () -> entry.room() + " imports a package that is listed below it");
            above.add(entry.room());
        }
    }

    @Test
    void everyListedImportIsUsed() {
        var used = new HashMap<String, Set<String>>();
        for (var dependency : dependencies()) {
            var from = room(dependency.getOriginClass());
            var to = room(dependency.getTargetClass());
            if (from.isPresent() && to.isPresent()) {
                used.computeIfAbsent(from.get(), key -> new HashSet<>()).add(to.get());
            }
        }
        var unused = new TreeSet<String>();
        for (var entry : TABLE) {
            for (var imported : entry.imports()) {
                if (!used.getOrDefault(entry.room(), Set.of()).contains(imported)) {
                    unused.add(entry.room() + " -> " + imported);
                }
            }
        }
        assertEquals(Set.of(), unused);
    }

    @Test
    void everyPackageIsInTheTableAndDocumented() throws IOException {
        try (var files = Files.walk(MAIN)) {
            var packages = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("package-info.java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();
            for (var folder : packages) {
                var room = MAIN.relativize(folder).toString().replace('/', '.');
                assertTrue(MAY_IMPORT.containsKey(room), room + " is not in the table");
                assertTrue(Files.exists(folder.resolve("package-info.java")), room + " has no package-info.java");
            }
        }
    }

    @Test
    void filesHaveAtMost400Lines() throws IOException {
        try (var files = Files.walk(Path.of("src"))) {
            var longFiles = files.filter(f -> f.toString().endsWith(".java"))
                    .filter(ImportTableTest::tooLong)
                    .toList();
            assertEquals(List.of(), longFiles);
        }
    }

    private static boolean tooLong(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> !line.isBlank()).count() > MAX_LINES;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Dependency> dependencies() {
        return classes.stream()
                .flatMap(c -> c.getDirectDependenciesFromSelf().stream())
                .toList();
    }

    private static boolean allowed(String from, String to) {
        return from.equals(to) || MAY_IMPORT.getOrDefault(from, Set.of()).contains(to);
    }

    /** Whether the build generated the class. */
    private static boolean generated(JavaClass type) {
        return type.getName().contains("_Bean") || type.getName().contains("_ClientProxy");
    }

    private static Optional<String> room(JavaClass type) {
        var name = type.getPackageName();
        return name.startsWith(ROOT) ? Optional.of(name.substring(ROOT.length())) : Optional.empty();
    }

    private static Optional<String> plugin(JavaClass type) {
        var prefix = ROOT + "ecosystem.";
        return type.getPackageName().startsWith(prefix)
                ? Optional.of(type.getPackageName().substring(prefix.length()).split("\\.", 2)[0])
                : Optional.empty();
    }
}
