package dev.narthex;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Each table is named only in the package that owns it. Other packages that read or write it are listed here: a new entry means
 * that two packages now share the meaning of its columns.
 */
class TableOwnersTest {
    private static final Path MAIN = Path.of("src/main/java/dev/narthex");
    private static final Path MIGRATIONS = Path.of("src/main/resources/db");

    private static final Map<String, List<String>> TABLES_OF = Map.ofEntries(
            entry(
                    "access",
                    "audit",
                    "client_login",
                    "membership",
                    "person",
                    "spent_identity",
                    "token",
                    "token_trust_rule",
                    "trust_rule"),
            entry("catalog.cache", "cache", "cache_key", "cache_usage"),
            entry("catalog.change", "cache_version", "change", "change_head"),
            entry("catalog.download", "download_day"),
            entry("catalog.path", "build_log", "observation", "path", "realisation"),
            entry(
                    "catalog.release",
                    "artifact",
                    "attestation",
                    "declined",
                    "dependency",
                    "derivation_meta",
                    "ecosystem_state",
                    "follower",
                    "package",
                    "release",
                    "star",
                    "tag",
                    "tombstone",
                    "withdrawal"),
            entry("ops.jobs", "scheduled_tasks"),
            entry("ops.snapshot", "snapshot"),
            entry("retention", "collection", "collection_mark", "pin"),
            entry("store", "chunk_hint", "dedup_domain", "nar", "nar_upload", "pack", "pack_ref", "scrub"),
            entry("store.upkeep", "pack_suspect"),
            entry("vault.imports", "import_path", "import_reference", "import_run"));

    /** Package to the tables of other packages that it reads. */
    private static final Map<String, List<String>> READS = Map.ofEntries(
            entry("access", "cache"),
            entry(
                    "admin",
                    "cache",
                    "cache_usage",
                    "collection",
                    "membership",
                    "nar",
                    "package",
                    "path",
                    "person",
                    "scheduled_tasks",
                    "token"),
            entry("catalog.cache", "import_run", "path"),
            entry("catalog.change", "package"),
            entry("catalog.download", "artifact", "package", "release"),
            entry("catalog.path", "artifact", "package", "release"),
            entry("catalog.release", "cache", "change", "path"),
            entry("ops.jobs", "cache", "nar", "path"),
            entry("ops.observe", "nar", "scheduled_tasks"),
            entry("retention", "artifact", "cache", "download_day", "package", "release", "tag"));

    /** Package to the tables of other packages that it writes. */
    private static final Map<String, List<String>> WRITES = Map.ofEntries(
            entry("catalog.cache", "ecosystem_state", "package", "release"),
            entry("catalog.download", "path"),
            entry("catalog.path", "cache_usage"),
            entry("ops.snapshot", "change_head", "scheduled_tasks"),
            entry("ops.start", "audit", "token"),
            entry("retention", "build_log", "cache_usage", "derivation_meta", "ecosystem_state", "observation", "path"),
            entry("store.upkeep", "chunk_hint", "nar", "pack", "pack_ref", "scrub"));

    private static Map.Entry<String, List<String>> entry(String room, String... tables) {
        return Map.entry(room, List.of(tables));
    }

    private static final Pattern CREATED =
            Pattern.compile("create (?:unlogged )?table (?:if not exists )?(\\w+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|(?m)^\\s*//[^\\n]*", Pattern.DOTALL);
    private static final Pattern LITERAL =
            Pattern.compile("\"\"\"(.*?)\"\"\"|\"((?:\\\\.|[^\"\\\\\\n])*)\"", Pattern.DOTALL);
    private static final Pattern STATEMENT =
            Pattern.compile("(?i)\\b(select|insert|update|delete|copy|analyze|lock|truncate|exists|join|where)\\b");
    private static final Pattern WRITTEN = Pattern.compile(
            "(?i)\\b(?:insert into|update|delete from|copy|lock table|truncate)\\s+(?:only\\s+)?(\\w+)");
    private static final Pattern READ = Pattern.compile(
            "\\b(?:from|join|using|analyze)\\s+(\\w+(?:\\s+(?:as\\s+)?\\w+)?(?:\\s*,\\s*\\w+\\s+\\w+)*)");

    /** Package to the tables that it names. */
    private static final Map<String, Set<String>> read = new TreeMap<>();

    private static final Map<String, Set<String>> written = new TreeMap<>();
    private static final Set<String> tables = new TreeSet<>();

    @BeforeAll
    static void scan() throws IOException {
        for (var migration : files(MIGRATIONS, ".sql")) {
            CREATED.matcher(Files.readString(migration)).results().forEach(match -> tables.add(match.group(1)));
        }
        for (var source : files(MAIN, ".java")) {
            var room = MAIN.relativize(source.getParent()).toString().replace('/', '.');
            for (var sql : statements(Files.readString(source))) {
                WRITTEN.matcher(sql).results().forEach(match -> note(written, room, match.group(1)));
                READ.matcher(sql)
                        .results()
                        .flatMap(match -> Arrays.stream(match.group(1).split("\\s*,\\s*")))
                        .forEach(table -> note(read, room, table.split("\\s+")[0]));
            }
        }
        written.forEach(
                (room, names) -> read.getOrDefault(room, new TreeSet<>()).removeAll(names));
    }

    @Test
    void everyTableHasOneOwner() {
        var owned = TABLES_OF.values().stream().flatMap(List::stream).sorted().toList();
        assertEquals(List.copyOf(tables), owned);
    }

    @Test
    void otherPackagesReadOnlyListedTables() {
        assertEquals(lines(READS), foreign(read));
    }

    @Test
    void otherPackagesWriteOnlyListedTables() {
        assertEquals(lines(WRITES), foreign(written));
    }

    private static String foreign(Map<String, Set<String>> used) {
        var foreign = new TreeMap<String, List<String>>();
        used.forEach((room, names) -> {
            var others = new TreeSet<>(names);
            TABLES_OF.getOrDefault(room, List.of()).forEach(others::remove);
            if (!others.isEmpty()) {
                foreign.put(room, List.copyOf(others));
            }
        });
        return lines(foreign);
    }

    private static String lines(Map<String, List<String>> listed) {
        return new TreeMap<>(listed)
                .entrySet().stream()
                        .map(entry -> entry.getKey() + ": "
                                + entry.getValue().stream().sorted().collect(Collectors.joining(" ")))
                        .collect(Collectors.joining("\n"));
    }

    private static List<String> statements(String source) {
        var statements = new ArrayList<String>();
        LITERAL.matcher(COMMENT.matcher(source).replaceAll(""))
                .results()
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .filter(text -> STATEMENT.matcher(text).find())
                .forEach(statements::add);
        return statements;
    }

    private static void note(Map<String, Set<String>> used, String room, String table) {
        if (tables.contains(table)) {
            used.computeIfAbsent(room, key -> new TreeSet<>()).add(table);
        }
    }

    private static List<Path> files(Path folder, String suffix) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }
}
