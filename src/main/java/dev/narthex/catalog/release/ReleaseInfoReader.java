package dev.narthex.catalog.release;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Dependency;
import dev.narthex.spi.Facts;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.ReleaseInfo;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Reads complete releases: facts, artifacts and dependencies. */
@ApplicationScoped
class ReleaseInfoReader {
    private static final int MAX_RELEASES = 10_000;
    private static final int MAX_ARTIFACTS = 2_000;
    private static final int MAX_FILES = 50_000;

    /** Maximum number of characters of facts in the result for one package; limits memory. */
    private static final int MAX_FACTS = 64 << 20;

    private static final TypeReference<List<Dependency>> DEPENDENCIES = new TypeReference<>() {};
    static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

    /** Columns of release {@code r}. */
    private static final String RELEASE = """
            r.id, r.version, r.prerelease, r.state = 'released' as released, r.published_at,
            cast((select coalesce(json_agg(json_build_object('name', d.name, 'normalized', d.normalized, 'range', d.range,
               'kind', d.kind) order by d.ord), '[]') from dependency d
             where d.release_id = r.id and d.cache_id = :cache) as text) as dependencies,
            cast((select coalesce(json_object_agg(w.kind, w.reason), '{}') from withdrawal w
             where w.release_id = r.id) as text) as withdrawals""";

    /** Columns of artifact {@code a} and its path {@code s}. */
    static final String ARTIFACT = """
            a.id, a.release_id, a.filename, s.hash_part, s.name, a.build, a.output, a.platform, a.origin,
            a.state = 'released' as released, a.promised_at is not null as promised, a.byte_offset, a.length,
            a.sha256, a.sha512, a.sha1, a.at,\s""" + AttestationRepository.FIRST;

    private final Database sql;
    private final CacheKeyring keys;
    private final String baseUrl;

    ReleaseInfoReader(Database sql, CacheKeyring keys, @ConfigProperty(name = "narthex.url") String baseUrl) {
        this.sql = sql;
        this.keys = keys;
        this.baseUrl = baseUrl;
    }

    /** Reads a release with two queries. */
    Optional<ReleaseWithPrimary> release(Cache cache, String ecosystem, String normalized, String version) {
        var key = Map.<String, Object>of(
                "cache", cache.id(), "ecosystem", ecosystem, "normalized", normalized, "version", version);
        var found = sql.statement("select p.name, p.normalized, " + RELEASE + """
                , cast(r.facts as text) as facts, r.published_by, coalesce((select cast(s.hash_part as text)
                    from artifact a join path s on s.id = a.path_id and s.cache_id = p.cache_id
                    where a.release_id = r.id order by %s limit 1), '') as main
                from package p join release r on r.package_id = p.id and r.version = :version
                where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized""".formatted(PrimaryArtifact.ORDER))
                .bindAll(key)
                .first();
        return found.map(row -> {
            var artifacts = sql.statement("select " + ARTIFACT + """
                     from artifact a join path s on s.id = a.path_id and s.cache_id = :cache
                    where a.release_id = :release
                    order by a.state = 'released' desc, a.at desc, a.id desc limit :limit""")
                    .bind("cache", cache.id())
                    .bind("release", row.longValue("id"))
                    .bind("limit", MAX_ARTIFACTS)
                    .list();
            var view = view(
                    cache,
                    ecosystem,
                    row.string("name"),
                    row.string("normalized"),
                    row,
                    artifacts.stream().map(ReleaseInfoReader::artifact).toList());
            return new ReleaseWithPrimary(view, row.optionalString("published_by"), row.string("main"));
        });
    }

    /**
     * Reads the released versions of a package with three queries. Only the release that is shown by default has its readme:
     * index responses do not need the others, which are most of the data. If the package exceeds the limits, only its newest
     * releases are returned.
     */
    Optional<PackageInfo> readPackage(Cache cache, String ecosystem, String normalized) {
        return sql.statement("""
                        select p.id, p.name, p.normalized, coalesce((select r.id from tag t
                          join release r on r.id = t.release_id and r.state = 'released'
                          where t.package_id = p.id and t.name = 'latest'), p.default_release, 0) as shown,
                          cast(coalesce((select json_object_agg(t.name, r.version)
                          from tag t join release r on r.id = t.release_id and r.state = 'released'
                          where t.package_id = p.id), '{}') as text) as tags,
                          cast(coalesce((select json_object_agg(e.key, cast(e.body as text))
                          from ecosystem_state e where e.cache_id = :cache and e.package_id = p.id), '{}') as text) as state
                        from package p
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized""")
                .bind("cache", cache.id())
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .first()
                .map(row -> new PackageInfo(
                        row.longValue("id"),
                        cache.name(),
                        ecosystem,
                        row.string("name"),
                        row.string("normalized"),
                        toPackageInfo(cache, ecosystem, row),
                        JsonColumns.read(row.string("tags"), TEXTS),
                        JsonColumns.read(row.string("state"), TEXTS)))
                .filter(view -> !view.releases().isEmpty());
    }

    List<ReleaseInfo> readReleases(Cache cache, String ecosystem, List<String> normalized) {
        return sql.statement("select p.name, p.normalized, " + RELEASE + """
                        , cast(r.facts - 'readme' as text) as facts
                        from unnest(cast(:names as text[])) with ordinality n (normalized, ord)
                          join package p on p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = n.normalized
                          join release r on r.id = coalesce((select t.release_id from tag t
                            join release x on x.id = t.release_id and x.state = 'released'
                            where t.package_id = p.id and t.name = 'latest'), p.default_release)
                        order by n.ord""")
                .bind("cache", cache.id())
                .bind("ecosystem", ecosystem)
                .bind("names", normalized.toArray(String[]::new))
                .list(row -> view(cache, ecosystem, row.string("name"), row.string("normalized"), row, List.of()));
    }

    private List<ReleaseInfo> toPackageInfo(Cache cache, String ecosystem, Row found) {
        long packageId = found.longValue("id");
        var artifacts = new HashMap<Long, List<Artifact>>();
        for (var row : sql.statement(
                        "select distinct on (a.release_id, a.filename) " + ARTIFACT + """
                 from release r join artifact a on a.release_id = r.id and a.state = 'released'
                  join path s on s.id = a.path_id and s.cache_id = :cache
                where r.package_id = :package and r.state = 'released'
                order by a.release_id desc, a.filename, """ + PrimaryArtifact.ORDER
                                + " limit :limit")
                .bind("cache", cache.id())
                .bind("package", packageId)
                .bind("limit", MAX_FILES)
                .list()) {
            artifacts
                    .computeIfAbsent(row.longValue("release_id"), _ -> new ArrayList<>())
                    .add(artifact(row));
        }
        return sql
                .statement("select " + RELEASE + """
                        , r.text as facts from (
                          select f.*, sum(length(f.text)) over (order by f.version_key desc, f.id desc) as size from (
                            select n.*, cast(case when n.id = :shown then n.facts else n.facts - 'readme' end as text) as text
                            from release n
                            where n.package_id = :package and n.state = 'released'
                            order by n.version_key desc, n.id desc limit :limit) f) r
                        where r.size <= :size order by r.version_key desc, r.id desc""")
                .bind("cache", cache.id())
                .bind("package", packageId)
                .bind("shown", found.longValue("shown"))
                .bind("limit", MAX_RELEASES)
                .bind("size", MAX_FACTS)
                .list()
                .stream()
                .filter(row -> artifacts.containsKey(row.longValue("id")))
                .map(row -> view(
                        cache,
                        ecosystem,
                        found.string("name"),
                        found.string("normalized"),
                        row,
                        artifacts.getOrDefault(row.longValue("id"), List.of())))
                .toList();
    }

    private ReleaseInfo view(
            Cache cache, String ecosystem, String name, String normalized, Row row, List<Artifact> artifacts) {
        return new ReleaseInfo(
                row.longValue("id"),
                cache.name(),
                baseUrl,
                keys.signingKeysText(cache.id()),
                ecosystem,
                name,
                normalized,
                row.string("version"),
                row.bool("prerelease"),
                row.bool("released"),
                JsonColumns.read(row.string("facts"), Facts.class),
                row.instant("published_at"),
                JsonColumns.read(row.string("withdrawals"), TEXTS),
                artifacts,
                JsonColumns.read(row.string("dependencies"), DEPENDENCIES));
    }

    static Artifact artifact(Row row) {
        return new Artifact(
                row.longValue("id"),
                row.string("filename"),
                new StorePath(row.string("hash_part"), row.string("name")),
                row.string("build"),
                row.string("output"),
                row.string("platform"),
                row.string("origin"),
                row.bool("released"),
                row.bool("promised"),
                row.longValue("byte_offset"),
                row.longValue("length"),
                row.hash("sha256", HashAlgorithm.SHA256),
                row.optionalHash("sha512", HashAlgorithm.SHA512),
                row.optionalHash("sha1", HashAlgorithm.SHA1),
                row.instant("at"),
                row.optionalString("attested").map(json -> JsonColumns.read(json, Attestation.Summary.class)));
    }
}
