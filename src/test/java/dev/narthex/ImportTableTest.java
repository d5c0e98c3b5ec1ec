package dev.narthex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
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

/** The architecture as far as imports show it: which package may import which, and which libraries stay in which packages. */
class ImportTableTest {
    private static final String ROOT = "dev.narthex.";
    private static final Path MAIN = Path.of("src/main/java/dev/narthex");
    private static final int MAX_LINES = 400;

    /**
     * Each package with the packages of ours that it may import, bottom up: a package imports only packages above it in this list.
     * A subpackage is a package like any other: neither its parent nor its siblings may import it unless listed.
     */
    private static final List<Entry> TABLE = List.of(
            entry("problem"),
            entry("limits", "problem"),
            entry("nix", "problem", "limits"),
            entry("http", "problem", "limits", "nix"),
            entry("db", "problem", "nix"),
            entry("spi", "problem", "nix", "http"),
            entry("archive", "nix", "spi"),
            entry("store.pack", "nix", "http"),
            entry("store.directory", "http", "store.pack"),
            entry("store.s3", "problem", "limits", "http", "store.pack"),
            entry("store", "problem", "nix", "http", "db", "store.pack"),
            entry("store.upkeep", "problem", "nix", "http", "db", "store.pack", "store"),
            entry("catalog", "db", "spi"),
            entry("catalog.change", "db"),
            entry("catalog.cache", "problem", "nix", "db", "spi", "catalog", "catalog.change"),
            entry("catalog.path", "problem", "nix", "db", "catalog", "catalog.cache"),
            entry("catalog.download", "db", "spi", "catalog.change"),
            entry(
                    "catalog.release",
                    "problem",
                    "nix",
                    "db",
                    "spi",
                    "catalog",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.download"),
            entry("access", "problem", "db", "spi"),
            entry("search", "problem", "spi", "catalog.change", "catalog.release"),
            entry(
                    "retention",
                    "problem",
                    "nix",
                    "db",
                    "spi",
                    "store",
                    "store.upkeep",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.release",
                    "access"),
            entry(
                    "publish.recognize",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "store",
                    "catalog",
                    "catalog.change",
                    "catalog.path",
                    "catalog.release",
                    "access"),
            entry(
                    "publish",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "store",
                    "catalog.change",
                    "catalog.path",
                    "catalog.release",
                    "access",
                    "publish.recognize"),
            entry(
                    "publish.registry",
                    "problem",
                    "limits",
                    "nix",
                    "http",
                    "spi",
                    "store",
                    "catalog",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.download",
                    "catalog.release",
                    "access",
                    "publish.recognize",
                    "publish"),
            entry("vault.imports", "problem", "nix", "db", "spi", "catalog.path", "publish"),
            entry("vault.locks", "problem", "nix", "http", "spi", "catalog.path", "catalog.release"),
            entry("ops.settings"),
            entry("ops.postgres", "store.pack", "store.directory", "store.s3", "ops.settings"),
            entry("ops.snapshot", "nix", "spi", "store.pack", "store.upkeep", "ops.settings", "ops.postgres"),
            entry("ops.connections"),
            entry(
                    "ops.observe",
                    "problem",
                    "store.upkeep",
                    "search",
                    "ops.settings",
                    "ops.snapshot",
                    "ops.connections"),
            entry(
                    "ops.jobs",
                    "problem",
                    "db",
                    "spi",
                    "store.pack",
                    "store.upkeep",
                    "catalog.download",
                    "access",
                    "publish.recognize",
                    "ops.snapshot",
                    "ops.observe"),
            entry(
                    "admin",
                    "problem",
                    "nix",
                    "db",
                    "spi",
                    "store.pack",
                    "store",
                    "store.upkeep",
                    "catalog.cache",
                    "access",
                    "search",
                    "ops.snapshot",
                    "ops.jobs"),
            entry(
                    "ops.start",
                    "limits",
                    "db",
                    "store.pack",
                    "store",
                    "store.upkeep",
                    "catalog.cache",
                    "access",
                    "ops.settings",
                    "ops.postgres",
                    "ops.snapshot",
                    "ops.connections",
                    "ops.observe"),
            entry("ecosystem", "problem", "nix", "http", "spi", "archive"),
            entry("ecosystem.example", "problem", "nix", "spi", "ecosystem"),
            entry("ecosystem.nix", "nix", "spi", "ecosystem"),
            entry("ecosystem.npm", "problem", "limits", "nix", "http", "spi", "archive", "ecosystem"),
            entry("ecosystem.pypi", "problem", "nix", "http", "spi", "archive", "ecosystem"),
            entry(
                    "substituter",
                    "problem",
                    "limits",
                    "nix",
                    "http",
                    "spi",
                    "store.pack",
                    "store",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.download",
                    "access",
                    "publish",
                    "publish.registry"),
            entry(
                    "substituter.attic",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "store.pack",
                    "catalog.cache",
                    "catalog.path",
                    "access",
                    "publish",
                    "publish.registry",
                    "admin"),
            entry(
                    "api",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "catalog.cache",
                    "catalog.release",
                    "access",
                    "retention",
                    "publish",
                    "publish.registry",
                    "vault.imports",
                    "vault.locks",
                    "admin"),
            entry("web.view", "nix", "spi"),
            entry("web.readme", "nix", "http"),
            entry(
                    "web.page",
                    "problem",
                    "limits",
                    "nix",
                    "http",
                    "spi",
                    "catalog",
                    "catalog.path",
                    "catalog.release",
                    "access",
                    "search",
                    "publish.registry",
                    "admin",
                    "web.view"),
            entry(
                    "web.files",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "store.pack",
                    "catalog.path",
                    "publish.recognize",
                    "web.view",
                    "web.readme",
                    "web.page"),
            entry(
                    "web.path",
                    "problem",
                    "nix",
                    "spi",
                    "catalog",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.release",
                    "retention",
                    "publish.recognize",
                    "publish",
                    "web.view",
                    "web.page",
                    "web.files"),
            entry(
                    "web.release",
                    "problem",
                    "nix",
                    "http",
                    "spi",
                    "catalog",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.download",
                    "catalog.release",
                    "access",
                    "publish.recognize",
                    "publish.registry",
                    "web.view",
                    "web.readme",
                    "web.page",
                    "web.files",
                    "web.path"),
            entry(
                    "web.search",
                    "problem",
                    "nix",
                    "spi",
                    "catalog",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.release",
                    "access",
                    "search",
                    "web.view",
                    "web.page"),
            entry(
                    "web.diff",
                    "problem",
                    "nix",
                    "spi",
                    "catalog.path",
                    "catalog.release",
                    "access",
                    "web.view",
                    "web.page",
                    "web.files",
                    "web.path",
                    "web.release"),
            entry(
                    "web.feed",
                    "problem",
                    "http",
                    "spi",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.release",
                    "web.view",
                    "web.page",
                    "web.release",
                    "web.search"),
            entry("web.admin", "problem", "spi", "access", "search", "admin", "web.view", "web.page"),
            entry(
                    "web.settings",
                    "problem",
                    "nix",
                    "spi",
                    "catalog.cache",
                    "access",
                    "retention",
                    "admin",
                    "web.view",
                    "web.page",
                    "web.path",
                    "web.admin"),
            entry(
                    "web.account",
                    "problem",
                    "spi",
                    "catalog.cache",
                    "access",
                    "admin",
                    "web.view",
                    "web.page",
                    "web.admin"),
            entry(
                    "web",
                    "problem",
                    "limits",
                    "nix",
                    "http",
                    "spi",
                    "catalog",
                    "catalog.change",
                    "catalog.cache",
                    "catalog.path",
                    "catalog.release",
                    "access",
                    "search",
                    "retention",
                    "publish.recognize",
                    "publish.registry",
                    "web.view",
                    "web.page",
                    "web.files",
                    "web.path",
                    "web.release",
                    "web.search",
                    "web.diff",
                    "web.feed",
                    "web.admin",
                    "web.settings",
                    "web.account"));

    private static final Map<String, Set<String>> MAY_IMPORT =
            TABLE.stream().collect(Collectors.toMap(Entry::room, Entry::imports));

    private record Entry(String room, Set<String> imports) {}

    private static Entry entry(String room, String... imports) {
        return new Entry(room, Set.of(imports));
    }

    /** Prefix of a library's packages to the only packages of ours that may see it, with those below them. */
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
    static void read() {
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
        try (var files = Files.walk(Path.of("src/main/java"))) {
            var long_ = files.filter(f -> f.toString().endsWith(".java"))
                    .filter(ImportTableTest::tooLong)
                    .toList();
            assertEquals(List.of(), long_);
        }
    }

    private static boolean tooLong(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> !line.isBlank()).count() > MAX_LINES;
        } catch (IOException e) {
            throw new IllegalStateException(e);
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
