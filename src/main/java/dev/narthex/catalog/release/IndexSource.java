package dev.narthex.catalog.release;

import dev.narthex.catalog.Statistics;
import dev.narthex.catalog.cache.CacheKeyring;
import dev.narthex.catalog.change.ChangeLogCursor;
import dev.narthex.catalog.download.DownloadRows;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.PublicKey;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Gatherers;

/**
 * Reads packages of all caches in bulk, and the change log, for the search index. These are the only queries of the catalog that
 * are not restricted to a cache; each row contains its cache id.
 */
@ApplicationScoped
public class IndexSource {
    private static final String ROWS =
            """
            select p.id, p.cache_id, p.ecosystem, p.name, p.normalized, r.version, r.published_at,
              coalesce(left(r.facts ->> 'summary', 1000), '') as summary, coalesce(left(r.facts ->> 'licence', 200), '') as licence,
              array(select left(k, 100) from jsonb_array_elements_text(
                case jsonb_typeof(r.facts -> 'keywords') when 'array' then r.facts -> 'keywords' else '[]' end) k limit 50) as keywords,
              coalesce(left(r.facts -> 'readme' ->> 'text', 20000), '') as readme,
              coalesce(r.facts -> 'notes' ->> 'inside', '') as inside,
              (select count(distinct x.id) from dependency d
                join package x on x.default_release = d.release_id
                where d.cache_id = p.cache_id and d.ecosystem = p.ecosystem and d.normalized = p.normalized) as dependents,
              %s as downloads,
              exists (select from release x where x.package_id = p.id and x.state = 'released'
                and not exists (select from withdrawal w where w.release_id = x.id)) as standing,
              array(select distinct a.platform from artifact a
                where a.release_id = r.id and a.state = 'released' and a.platform <> 'any' order by a.platform) as systems,
              array(%s) as also_in,
              s.hash_part, s.name as path_name, s.nar_id, s.origin = 'path' as whole, s.refs, s.sigs, f.nar_hash, f.nar_size,
              exists (select from path v where v.cache_id = s.cache_id and v.hash_part = cast(left(s.deriver, 32) as char(32))) as derivation
            from package p join release r on r.id = p.default_release
              cross join lateral (
                select t.id, t.cache_id, t.hash_part, t.name, t.nar_id, t.refs, t.deriver, t.sigs, a.origin
                from artifact a join path t on t.id = a.path_id and t.cache_id = p.cache_id
                where a.release_id = r.id order by %s limit 1) s
              join nar_facts f on f.id = s.nar_id
            where p.id = any(cast(:ids as bigint[]))""".formatted(DownloadRows.lastMonthSubquery("p"), SameProjectSql.ecosystems("p"), PrimaryArtifact.ORDER);

    private static final int HASH_PART = 32;

    /** Maximum number of packages per query, so that a plan based on outdated statistics is soon replaced. */
    private static final int PIECE = 200;

    private static final String DECLARED = """
            select distinct t.id from release r
              cross join lateral (select cache_id, ecosystem, normalized from dependency where release_id = r.id offset 0) d
              cross join lateral (select id from package
                where (cache_id, ecosystem, normalized) = (d.cache_id, d.ecosystem, d.normalized) offset 0) t
            where r.package_id = any(cast(:ids as bigint[]))""";

    private static final String LINKED = """
            select distinct f.package_id as id from package h join release r on r.id = h.default_release
              cross join lateral (%s) l join release f on f.id = l.release_id and f.package_id <> h.id
            where h.id = any(cast(:ids as bigint[]))""".formatted(SameProjectSql.releases("h"));

    private final Database sql;
    private final CacheKeyring keys;
    private final Statistics statistics;

    IndexSource(Database sql, CacheKeyring keys, Statistics statistics) {
        this.sql = sql;
        this.keys = keys;
        this.statistics = statistics;
    }

    /** Updates table statistics. Call before reading many packages, which may have been written recently. */
    public void updateStatistics() {
        statistics.update();
    }

    /**
     * A batch of changes.
     *
     * @param seq number of the last change
     * @param whole false if changes since the previous batch were already deleted from the log
     * @param packageIds of the packages that may have changed, including deleted ones
     */
    public record Batch(long seq, boolean last, Set<Long> packageIds) {
        public Batch {
            packageIds = Set.copyOf(packageIds);
        }
    }

    /**
     * Returns the packages that changed; their dependencies, whose dependent counts changed; the packages of the same projects;
     * and the packages whose path or derivation was added or signed. Call only if the head of the log is beyond {@code after}.
     */
    public Batch changes(long after, int limit) {
        var rows = sql.statement("""
                select seq, coalesce(package_id, 0) as package_id, cache_id, coalesce(hash_part, '') as hash_part from change
                where seq > :after order by seq limit :limit""").bind("after", after).bind("limit", limit).list();
        if (rows.isEmpty()) {
            return new Batch(after, false, Set.of());
        }
        var ids = new HashSet<Long>();
        rows.stream()
                .map(row -> row.longValue("package_id"))
                .filter(id -> id > 0)
                .forEach(ids::add);
        ids.addAll(ofPaths(rows));
        ids.addAll(queryInBatches(ids, DECLARED));
        ids.addAll(queryInBatches(ids, LINKED));
        return new Batch(rows.getLast().longValue("seq"), rows.getFirst().longValue("seq") == after + 1, ids);
    }

    private List<Long> ofPaths(List<Row> changes) {
        var paths = changes.stream()
                .filter(row -> !row.string("hash_part").isBlank())
                .toList();
        return ids(
                """
                select distinct r.package_id as id
                from unnest(cast(:caches as bigint[]), cast(:hashes as text[])) as c (cache_id, hash_part)
                  join path t on t.cache_id = c.cache_id and t.hash_part = cast(c.hash_part as char(32))
                  cross join lateral (select t.id union all
                    select d.id from path d where d.cache_id = t.cache_id
                      and d.deriver = (t.hash_part || '-' || t.name) collate "default") s
                  join artifact a on a.path_id = s.id join release r on r.id = a.release_id""",
                Map.of(
                        "caches",
                                paths.stream()
                                        .map(row -> row.longValue("cache_id"))
                                        .toArray(Long[]::new),
                        "hashes",
                                paths.stream()
                                        .map(row -> row.string("hash_part"))
                                        .toArray(String[]::new)));
    }

    /** Runs a query on pieces of the ids and combines the results. */
    private Set<Long> queryInBatches(Collection<Long> packageIds, String query) {
        return packageIds.stream()
                .gather(Gatherers.windowFixed(PIECE))
                .flatMap(piece -> ids(query, Map.of("ids", piece.toArray(Long[]::new))).stream())
                .collect(Collectors.toSet());
    }

    /** Returns ids of packages in ascending order. */
    public List<Long> packageIds(long after, int limit) {
        return ids(
                "select id from package where id > :after order by id limit :limit",
                Map.of("after", after, "limit", limit));
    }

    public long packages() {
        return sql.statement("select count(*) as n from package")
                .list()
                .getFirst()
                .longValue("n");
    }

    /** Returns the data of packages, in no particular order. Packages without a released version are absent. */
    public List<IndexedPackage> rows(Collection<Long> packageIds) {
        var builderKeys = new HashMap<Long, List<PublicKey>>();
        return sql.statement(ROWS)
                .bind("ids", packageIds.toArray(Long[]::new))
                .list(row -> row(row, builder(row, builderKeys)));
    }

    /** Records the position of a replica's index, for monitoring. */
    @Transactional
    public void recordPosition(String follower, ChangeLogCursor cursor) {
        sql.statement("""
                insert into follower (name, epoch, seq) values (:name, :epoch, :seq)
                on conflict (name) do update set epoch = excluded.epoch, seq = excluded.seq, at = now()""")
                .bind("name", follower)
                .bind("epoch", cursor.epoch())
                .bind("seq", cursor.seq())
                .update();
    }

    private List<Long> ids(String query, Map<String, Object> parameters) {
        return sql.statement(query).bindAll(parameters).list(row -> row.longValue("id"));
    }

    private boolean builder(Row row, Map<Long, List<PublicKey>> builderKeys) {
        if (row.strings("sigs").isEmpty()) {
            return false;
        }
        var builders = builderKeys.computeIfAbsent(row.longValue("cache_id"), this::builders);
        var path = new StorePath(row.string("hash_part"), row.string("path_name"));
        var fingerprint = NarInfo.fingerprint(
                path, row.hash("nar_hash", HashAlgorithm.SHA256), row.longValue("nar_size"), row.strings("refs"));
        return row.strings("sigs").stream()
                .map(Signature::parse)
                .anyMatch(s -> builders.stream()
                        .anyMatch(key -> key.name().equals(s.keyName()) && key.verifies(fingerprint, s)));
    }

    /** Returns the keys of builders. The cache's own keys sign every path, which does not identify a builder. */
    private List<PublicKey> builders(long cacheId) {
        var own = keys.signing(cacheId).stream().map(PublicKey::name).toList();
        return keys.publicKeys(cacheId).stream()
                .filter(key -> !own.contains(key.name()))
                .toList();
    }

    private static IndexedPackage row(Row row, boolean builder) {
        return new IndexedPackage(
                row.longValue("id"),
                row.longValue("cache_id"),
                row.string("ecosystem"),
                row.string("name"),
                row.string("normalized"),
                row.string("version"),
                row.string("summary"),
                row.string("licence"),
                row.strings("keywords"),
                row.string("readme"),
                row.string("inside").lines().toList(),
                row.instant("published_at"),
                row.longValue("dependents"),
                row.longValue("downloads"),
                row.bool("standing"),
                row.strings("systems"),
                row.strings("also_in"),
                row.bool("whole") ? Optional.of(row.longValue("nar_id")) : Optional.empty(),
                row.strings("refs").stream()
                        .map(ref -> ref.substring(0, HASH_PART))
                        .filter(hash -> !hash.equals(row.string("hash_part")))
                        .toList(),
                row.bool("derivation"),
                builder);
    }
}
