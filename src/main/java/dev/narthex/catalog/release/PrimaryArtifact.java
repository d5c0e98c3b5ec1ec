package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.spi.Dependency;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Determines the primary artifact of a release, whose facts and dependencies the release has. It is the first promised artifact,
 * so that facts do not change once clients have seen them. If none is promised, released artifacts precede proposed ones,
 * original files precede derived ones, main outputs precede others such as headers and documentation, and newer ones precede
 * older ones. Facts are not stored per artifact: when another path becomes primary, it must be recognized again.
 */
@ApplicationScoped
public class PrimaryArtifact {
    /** More than any hand-written manifest has; further dependencies are not recorded. */
    private static final int MAX_DEPENDENCIES = 10_000;

    private static final Set<String> AS_MADE = Set.of("exact", "published");
    private static final Set<String> MEANT = Set.of("out", "bin");

    /**
     * Sorts artifacts {@code a}, the primary one first. Among artifacts of the same file name, the first one is served under that
     * name.
     */
    static final String ORDER = order("a");

    private final Database sql;

    PrimaryArtifact(Database sql) {
        this.sql = sql;
    }

    static String order(String artifact) {
        return """
                %1$s.promised_at nulls last, %1$s.state = 'released' desc, %1$s.origin in ('exact', 'published') desc,
                %1$s.output in ('out', 'bin') desc, %1$s.at desc, %1$s.id desc""".formatted(artifact);
    }

    /**
     * Returns the same order for artifacts in memory that do not differ in promise and state, without the final comparison of
     * ids. The greatest is the primary one.
     */
    public static <T> Comparator<T> order(
            Function<T, String> origin, Function<T, String> output, Function<T, Instant> at) {
        return Comparator.comparing((T artifact) -> AS_MADE.contains(origin.apply(artifact)))
                .thenComparing(artifact -> isDefaultOutput(output.apply(artifact)))
                .thenComparing(at);
    }

    /** Returns whether this output is what users expect under the name of a derivation. */
    public static boolean isDefaultOutput(String output) {
        return MEANT.contains(output);
    }

    /** Returns the hash part of the path of the primary artifact. The release must have an artifact. */
    String hashPart(long cacheId, long releaseId) {
        return sql.statement("""
                        select p.hash_part from artifact a join path p on p.id = a.path_id and p.cache_id = :cache
                        where a.release_id = :release order by %s limit 1""".formatted(ORDER))
                .bind("cache", cacheId)
                .bind("release", releaseId)
                .list()
                .getFirst()
                .string("hash_part");
    }

    /**
     * Updates facts and dependencies of the release if one of these artifacts is the primary one, unless they are from a newer
     * version of the recognizer. Returns whether anything changed.
     */
    boolean update(
            long cacheId,
            String ecosystem,
            ReleaseRows.LockedRelease release,
            RecognizedRelease recognized,
            Set<Long> artifactIds) {
        long releaseId = release.id();
        if (release.created()) {
            // a new release already has these facts, and this is its primary artifact
            insert(cacheId, ecosystem, releaseId, dependencies(recognized));
            return true;
        }
        boolean leads = sql.statement("""
                        select a.id, r.recognizer from artifact a join release r on r.id = a.release_id
                        where a.release_id = :release order by %s limit 1""".formatted(ORDER))
                .bind("release", releaseId)
                .first()
                .filter(row -> artifactIds.contains(row.longValue("id")))
                .filter(row -> row.longValue("recognizer") <= recognized.recognizerVersion())
                .isPresent();
        if (!leads) {
            return false;
        }
        boolean changed = sql.statement("""
                update release set facts = cast(:facts as jsonb), recognizer = :recognizer, version_key = :key,
                  prerelease = :prerelease
                where id = :release and (facts, recognizer, version_key, prerelease)
                  is distinct from (cast(:facts as jsonb), :recognizer, :key, :prerelease)""")
                        .bind("facts", JsonColumns.write(recognized.found().facts()))
                        .bind("recognizer", recognized.recognizerVersion())
                        .bind("key", recognized.order().key())
                        .bind("prerelease", recognized.order().prerelease())
                        .bind("release", releaseId)
                        .update()
                > 0;
        return replace(cacheId, ecosystem, releaseId, dependencies(recognized)) || changed;
    }

    /** Returns the dependencies that can be stored. Skips names that no package can have. */
    private static List<Dependency> dependencies(RecognizedRelease release) {
        return release.found().dependencies().stream()
                .filter(d -> RecognizedRelease.isIndexable(d.name()) && RecognizedRelease.isIndexable(d.normalized()))
                .map(d -> new Dependency(
                        d.name(),
                        d.normalized(),
                        Database.toPostgresText(d.range()),
                        Database.toPostgresText(d.kind())))
                .limit(MAX_DEPENDENCIES)
                .toList();
    }

    private boolean replace(long cacheId, String ecosystem, long releaseId, List<Dependency> dependencies) {
        var previous = sql.statement("""
                        select name, normalized, range, kind from dependency where release_id = :release and cache_id = :cache
                        order by ord""")
                .bind("release", releaseId)
                .bind("cache", cacheId)
                .list(PrimaryArtifact::dependency);
        if (previous.equals(dependencies)) {
            return false;
        }
        sql.statement("delete from dependency where release_id = :release and cache_id = :cache")
                .bind("release", releaseId)
                .bind("cache", cacheId)
                .update();
        insert(cacheId, ecosystem, releaseId, dependencies);
        return true;
    }

    private void insert(long cacheId, String ecosystem, long releaseId, List<Dependency> dependencies) {
        if (dependencies.isEmpty()) {
            return;
        }
        sql.statement("""
                insert into dependency (release_id, ord, cache_id, ecosystem, normalized, name, range, kind)
                select :release, d.ord, :cache, :ecosystem, d.normalized, d.name, d.range, d.kind
                from unnest(cast(:normalized as text[]), cast(:names as text[]), cast(:ranges as text[]), cast(:kinds as text[]))
                  with ordinality as d (normalized, name, range, kind, ord)""")
                .bind("release", releaseId)
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind(
                        "normalized",
                        dependencies.stream().map(Dependency::normalized).toArray(String[]::new))
                .bind("names", dependencies.stream().map(Dependency::name).toArray(String[]::new))
                .bind("ranges", dependencies.stream().map(Dependency::range).toArray(String[]::new))
                .bind("kinds", dependencies.stream().map(Dependency::kind).toArray(String[]::new))
                .update();
    }

    static Dependency dependency(Row row) {
        return new Dependency(row.string("name"), row.string("normalized"), row.string("range"), row.string("kind"));
    }
}
