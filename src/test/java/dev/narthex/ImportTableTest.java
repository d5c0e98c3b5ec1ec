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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The architecture, as far as imports show it: who may see whom, and which libraries stay in which package. */
class ImportTableTest {
    private static final String ROOT = "dev.narthex.";
    private static final int LINES_LIMIT = 400;

    /** Package to the packages of ours that it may import; its own children are always allowed. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("problem", Set.of()),
            Map.entry("limits", Set.of("problem")),
            Map.entry("content", Set.of("limits", "problem")),
            Map.entry("nix", Set.of("limits", "problem")),
            Map.entry("spi", Set.of("nix", "problem", "content")),
            Map.entry("store", Set.of("nix", "limits", "problem", "content")),
            Map.entry("sql", Set.of("nix", "problem")),
            Map.entry("catalog", Set.of("sql", "spi", "nix", "problem")),
            Map.entry("access", Set.of("sql", "spi", "problem")),
            Map.entry("search", Set.of("catalog", "spi", "problem")),
            Map.entry("publish", Set.of("nix", "store", "catalog", "access", "spi", "limits", "problem", "content")),
            Map.entry("tenant", Set.of("nix", "store", "catalog", "access", "spi", "problem")),
            Map.entry("vault", Set.of("nix", "publish", "catalog", "access", "spi", "problem", "content")),
            Map.entry("ecosystem", Set.of("spi", "nix", "limits", "problem", "content")),
            Map.entry(
                    "substituter",
                    Set.of(
                            "nix", "store", "catalog", "access", "publish", "tenant", "spi", "limits", "problem",
                            "content")),
            Map.entry(
                    "web",
                    Set.of(
                            "nix", "store", "catalog", "access", "publish", "tenant", "search", "spi", "limits",
                            "problem", "content", "ops")),
            Map.entry(
                    "ops",
                    Set.of(
                            "nix", "store", "sql", "catalog", "access", "publish", "search", "spi", "limits", "problem",
                            "content")));

    /** Prefix of a library's packages to the only packages of ours that may see it, with those below them. */
    private static final Map<String, Set<String>> FENCES = Map.ofEntries(
            Map.entry("java.sql.", Set.of("store", "sql", "catalog", "ops")),
            Map.entry("javax.sql.", Set.of("store", "sql", "catalog", "ops")),
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
            Map.entry("com.jcraft.jzlib.", Set.of("ecosystem")),
            // What is made of trees must not depend on the zlib of the machine.
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
    void packagesImportOnlyWhatTheTableAllows() {
        var wrong = new TreeSet<String>();
        for (var dependency : dependencies()) {
            var from = area(dependency.getOriginClass());
            var to = area(dependency.getTargetClass());
            if (from.isPresent() && to.isPresent() && !allowed(from.get(), to.get())) {
                wrong.add(from.get() + " -> " + to.get() + ": " + dependency.getDescription());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    @Test
    void ecosystemsDoNotKnowEachOther() {
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
    void everyPackageIsInTheTableAndSaysWhatItIsFor() throws IOException {
        try (var folders = Files.list(Path.of("src/main/java/dev/narthex"))) {
            for (var folder : folders.toList()) {
                assertTrue(MAY_IMPORT.containsKey(folder.getFileName().toString()), folder + " is not in the table");
            }
        }
        try (var files = Files.walk(Path.of("src/main/java"))) {
            var silent = files.filter(f -> f.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                    .toList();
            assertEquals(List.of(), silent);
        }
    }

    @Test
    void filesStayShortEnoughToRead() throws IOException {
        try (var files = Files.walk(Path.of("src/main/java"))) {
            var long_ = files.filter(f -> f.toString().endsWith(".java"))
                    .filter(ImportTableTest::tooLong)
                    .toList();
            assertEquals(List.of(), long_);
        }
    }

    private static boolean tooLong(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> !line.isBlank()).count() > LINES_LIMIT;
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

    /** What the build makes beside our classes, such as accessors and template globals. */
    private static boolean generated(JavaClass type) {
        return type.getName().contains("_Bean") || type.getName().contains("_ClientProxy");
    }

    private static Optional<String> area(JavaClass type) {
        var name = type.getPackageName() + ".";
        return name.startsWith(ROOT) && name.length() > ROOT.length()
                ? Optional.of(name.substring(ROOT.length(), name.indexOf('.', ROOT.length())))
                : Optional.empty();
    }

    private static Optional<String> plugin(JavaClass type) {
        var prefix = ROOT + "ecosystem.";
        return type.getPackageName().startsWith(prefix)
                ? Optional.of(type.getPackageName().substring(prefix.length()).split("\\.", 2)[0])
                : Optional.empty();
    }
}
