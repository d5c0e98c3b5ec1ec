package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.catalog.Page;
import dev.narthex.catalog.Sort;
import dev.narthex.db.Database;
import dev.narthex.spi.Artifact;
import dev.narthex.spi.AvailableVersions;
import dev.narthex.spi.Cache;
import dev.narthex.spi.PackageInfo;
import dev.narthex.spi.Registry;
import dev.narthex.spi.ReleaseInfo;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads packages and releases. Package ids must come from {@link #find}, which checks the cache. Lists contain only released
 * versions; a proposed version can be found by its name.
 */
@ApplicationScoped
public class Packages {
    private static final String LATEST = "latest";
    private static final int MAX_TAGS = 1000;

    /** Id of the default release of package {@code p}. */
    private static final String BY_DEFAULT = """
            coalesce(p.default_release, (
              select n.id from release n where n.package_id = p.id
              order by n.prerelease, n.version_key desc, n.id desc limit 1))""";

    private final Database sql;
    private final PackageLists lists;
    private final ReleaseInfoReader releaseInfo;
    private final DependentsQuery dependents;
    private final DependencyVersionsQuery dependencyVersions;
    private final MostDependedUpon mostDependedUpon;

    Packages(
            Database sql,
            PackageLists lists,
            ReleaseInfoReader releaseInfo,
            DependentsQuery dependents,
            DependencyVersionsQuery dependencyVersions,
            MostDependedUpon mostDependedUpon) {
        this.sql = sql;
        this.lists = lists;
        this.releaseInfo = releaseInfo;
        this.dependents = dependents;
        this.dependencyVersions = dependencyVersions;
        this.mostDependedUpon = mostDependedUpon;
    }

    public Optional<PackageRow> find(long cacheId, String ecosystem, String normalized) {
        return sql.statement("""
                        select id, name, normalized, owned from package
                        where cache_id = :cache and ecosystem = :ecosystem and normalized = :normalized""")
                .bindAll(key(cacheId, ecosystem, normalized))
                .first()
                .map(row -> new PackageRow(
                        row.longValue("id"), row.string("name"), row.string("normalized"), row.bool("owned")));
    }

    /** Finds a package with its number of versions and its tags, in one query. */
    public Optional<PackageNames> findWithVersions(long cacheId, String ecosystem, String normalized) {
        var key = new HashMap<>(key(cacheId, ecosystem, normalized));
        key.put("limit", MAX_TAGS);
        return sql.statement("""
                        select p.id, p.name, p.normalized, p.owned, r.version, p.default_release is not null as released,
                          (select count(*) from release n where n.package_id = p.id) as versions, cast(coalesce((
                          select json_object_agg(t.name, t.version order by t.name = 'latest' desc, t.name) from (
                            select t.name, x.version from tag t join release x on x.id = t.release_id and x.state = 'released'
                            where t.package_id = p.id order by t.name = 'latest' desc, t.name limit :limit) t), '{}') as text) as tags
                        from package p left join release r on r.id = %s
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized""".formatted(BY_DEFAULT))
                .bindAll(key)
                .first()
                .map(row -> new PackageNames(
                        new PackageRow(
                                row.longValue("id"), row.string("name"), row.string("normalized"), row.bool("owned")),
                        row.longValue("versions"),
                        row.bool("released"),
                        row.optionalString("version"),
                        JsonColumns.read(row.string("tags"), ReleaseInfoReader.TEXTS)));
    }

    /** Returns the ecosystem's own state of a package, as JSON by key; empty if the package does not exist. */
    public Optional<Map<String, String>> state(long cacheId, String ecosystem, String normalized) {
        return sql.statement("""
                        select cast(coalesce((select json_object_agg(e.key, cast(e.body as text)) from ecosystem_state e
                          where e.cache_id = :cache and e.ecosystem = :ecosystem and e.package_id = p.id), '{}') as text) as state
                        from package p
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized""")
                .bindAll(key(cacheId, ecosystem, normalized))
                .first()
                .map(row -> JsonColumns.read(row.string("state"), ReleaseInfoReader.TEXTS));
    }

    /** Lists versions, newest first, including proposed ones. */
    public List<ReleaseSummary> releases(long packageId, int limit) {
        return sql.statement("""
                        select r.id, r.version, r.prerelease, r.state = 'released' as released, r.published_at, r.published_by,
                          coalesce(r.facts ->> 'licence', '') as licence, m.length, m.hash_part, m.origin, m.whole,
                          array(select w.kind from withdrawal w where w.release_id = r.id order by w.kind) as withdrawals
                        from package p join release r on r.package_id = p.id cross join lateral (
                          select a.length, s.hash_part, s.origin, a.origin = 'path' as whole from artifact a join path s on s.id = a.path_id and s.cache_id = p.cache_id
                          where a.release_id = r.id order by %s limit 1) m
                        where p.id = :package order by r.version_key desc, r.id desc limit :limit""".formatted(PrimaryArtifact.ORDER))
                .bind("package", packageId)
                .bind("limit", limit)
                .list(ReleaseSummary::of);
    }

    /** Finds a release, released or proposed, with all its artifacts. */
    public Optional<ReleaseInfo> release(Cache cache, String ecosystem, String normalized, String version) {
        return releaseInfo.release(cache, ecosystem, normalized, version).map(ReleaseWithPrimary::view);
    }

    /** Finds a release with its primary artifact; also empty if it has no artifact. */
    public Optional<ReleaseWithPrimary> findWithPrimary(
            Cache cache, String ecosystem, String normalized, String version) {
        return releaseInfo
                .release(cache, ecosystem, normalized, version)
                .filter(release -> !release.mainPath().isEmpty());
    }

    /**
     * Returns the newest released version, preferably not a prerelease or yanked; without released versions, the newest one.
     * Empty if there are no versions.
     */
    public Optional<String> defaultVersion(long packageId) {
        return sql.statement("select r.version from package p join release r on r.id = " + BY_DEFAULT
                        + " where p.id = :package")
                .bind("package", packageId)
                .first()
                .map(row -> row.string("version"));
    }

    /**
     * Resolves what a user entered: an exact version, another spelling of a version, or a tag. "latest" is the default version if
     * there is no tag of this name.
     */
    public Optional<String> resolve(long packageId, String versionOrTag, VersionSortKey order) {
        var found = sql.statement("""
                        select r.version from package p join release r on r.package_id = p.id
                          left join tag t on t.release_id = r.id and t.name = :asked
                        where p.id = :package
                          and (r.version = :asked or t.name is not null or (:spelled and r.version_key = :key))
                        order by r.version = :asked desc, r.version_key = :key desc, r.id limit 1""")
                .bind("package", packageId)
                .bind("asked", versionOrTag)
                .bind("spelled", order.spelled())
                .bind("key", order.key())
                .first()
                .map(row -> row.string("version"));
        return found.isPresent() || !versionOrTag.equals(LATEST) ? found : defaultVersion(packageId);
    }

    /**
     * Returns what a registry serves: the released versions, and one artifact per file name. That is the promised artifact; if
     * none is promised, original files precede derived ones, and newer ones precede older ones. Only the release that is shown by
     * default has a readme. Three queries.
     */
    public Optional<PackageInfo> findPublished(Cache cache, String ecosystem, String normalized) {
        return releaseInfo.readPackage(cache, ecosystem, normalized);
    }

    /**
     * Returns the releases that are shown by default, in the order of the names, without files and readmes. Packages without a
     * released version are skipped.
     */
    public List<ReleaseInfo> defaultReleases(Cache cache, String ecosystem, List<String> normalized) {
        return releaseInfo.readReleases(cache, ecosystem, normalized);
    }

    /** Returns one page of a cache's packages, 20 per page. */
    public Page<PackageSummary> list(long cacheId, String ecosystem, Sort sort, int page) {
        return lists.list(cacheId, ecosystem, sort, page);
    }

    /**
     * Searches packages by name. A text without words matches all.
     *
     * @param text words that the name must contain, ignoring case
     */
    public Page<PackageSummary> search(
            Collection<Long> cacheIds, Optional<String> ecosystem, String text, int page, int size) {
        return lists.search(cacheIds, ecosystem, text, page, size);
    }

    /** Returns the packages with the newest releases. */
    public List<PackageSummary> newest(Collection<Long> cacheIds, int limit) {
        return lists.newest(cacheIds, limit);
    }

    /** Returns the packages with the most dependents in their cache. Results of slow queries are cached. */
    public List<PackageSummary> mostDepended(Collection<Long> cacheIds, int limit) {
        return mostDependedUpon.lines(cacheIds, limit);
    }

    /** Counts the packages of this cache whose default release depends on this name. Large counts may be a minute old. */
    public long dependentCount(long cacheId, String ecosystem, String normalized) {
        return dependents.count(cacheId, ecosystem, normalized);
    }

    public Page<Dependent> dependents(long cacheId, String ecosystem, String normalized, int page) {
        return dependents.page(cacheId, ecosystem, normalized, page);
    }

    /** Returns names of some packages of this cache whose default release depends on this name, which need not exist here. */
    public List<String> someDependents(long cacheId, String ecosystem, String normalized, int limit) {
        return dependents.sample(cacheId, ecosystem, normalized, limit);
    }

    /**
     * Returns the released versions of these packages and of everything they depend on.
     *
     * @param followed kinds of dependencies to follow, see {@link dev.narthex.spi.Dependency#kind}; if empty, only the given
     *     packages are read
     */
    public AvailableVersions availableVersions(
            long cacheId, String ecosystem, Collection<String> normalized, Collection<String> followed) {
        return dependencyVersions.from(cacheId, ecosystem, normalized, followed);
    }

    /** Returns the recognizer's notes on these releases, in no particular order. */
    public List<ReleaseNotes> notes(long cacheId, Collection<Long> releaseIds) {
        return sql.statement("""
                        select r.id, p.name, p.normalized, r.version, cast(coalesce(r.facts -> 'notes', '{}') as text) as notes
                        from unnest(cast(:releases as bigint[])) as wanted (id)
                          cross join lateral (select n.* from release n where n.id = wanted.id offset 0) r
                          cross join lateral (select k.name, k.normalized from package k
                            where k.id = r.package_id and k.cache_id = :cache offset 0) p""")
                .bind("cache", cacheId)
                .bind("releases", releaseIds.toArray(Long[]::new))
                .list(row -> new ReleaseNotes(
                        row.longValue("id"),
                        row.string("name"),
                        row.string("normalized"),
                        row.string("version"),
                        JsonColumns.read(row.string("notes"), ReleaseInfoReader.TEXTS)));
    }

    /** Returns those of the names that are packages of this cache. */
    public Set<String> listExisting(long cacheId, String ecosystem, Collection<String> normalized) {
        return sql
                .statement("""
                        select normalized from package
                        where cache_id = :cache and ecosystem = :ecosystem and normalized = any(cast(:names as text[]))""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("names", normalized.stream().distinct().toArray(String[]::new))
                .list()
                .stream()
                .map(row -> row.string("normalized"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Lists packages that have a released version, in byte order of the normalized name, starting after {@code after}. */
    public List<Registry.PackageName> names(long cacheId, String ecosystem, String after, int limit) {
        return sql.statement("""
                        select p.name, p.normalized from package p
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized collate "C" > :after
                          and p.default_release is not null
                        order by p.normalized collate "C" limit :limit""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("after", after)
                .bind("limit", limit)
                .list(row -> new Registry.PackageName(row.string("name"), row.string("normalized")));
    }

    /** Finds the released artifact that is served under a file name of a package. */
    public Optional<Artifact> file(long cacheId, String ecosystem, String normalized, String filename) {
        var key = new HashMap<>(key(cacheId, ecosystem, normalized));
        key.put("filename", filename);
        return sql.statement("select " + ReleaseInfoReader.ARTIFACT + """
                         from package p join release r on r.package_id = p.id and r.state = 'released'
                          join artifact a on a.release_id = r.id and a.filename = :filename and a.state = 'released'
                          join path s on s.id = a.path_id and s.cache_id = p.cache_id
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized
                        order by\s""" + PrimaryArtifact.ORDER + " limit 1")
                .bindAll(key)
                .first()
                .map(ReleaseInfoReader::artifact);
    }

    private static Map<String, Object> key(long cacheId, String ecosystem, String normalized) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "normalized", normalized);
    }
}
