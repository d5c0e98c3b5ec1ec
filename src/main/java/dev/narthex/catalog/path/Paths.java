package dev.narthex.catalog.path;

import dev.narthex.catalog.Page;
import dev.narthex.db.Database;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads and adds the store paths of a cache. A path whose bytes are damaged is treated as absent: nix then queries other caches,
 * and pushing it again repairs it. Pages and registries use {@link #findDamaged} to report the damage.
 */
@ApplicationScoped
public class Paths {
    private static final int PAGE_SIZE = 50;
    private static final int MAX_OUTPUTS = 1000;

    /** Maximum number of observations per path, because publishers could report any number. */
    private static final int MAX_OBSERVATIONS = 100;

    private static final int SIGNER_LENGTH = 200;

    /** Columns of path {@code p} and its NAR {@code n}. */
    private static final String FACTS = """
            p.id, p.cache_id, p.hash_part, p.name, p.nar_id, n.nar_hash, n.nar_size, n.file_size, n.file_hash, n.encoding,
            n.kind, p.refs, p.deriver, p.ca, p.sigs, p.origin, p.pushed_by, p.pushed_at""";

    private static final String WHOLE = FACTS + ", cast(null as timestamptz) as damaged_at";

    private final Database sql;
    private final PathInsert entry;
    private final ClosureWalk walk;

    Paths(Database sql, PathInsert entry, ClosureWalk walk) {
        this.sql = sql;
        this.entry = entry;
        this.walk = walk;
    }

    /** Result of adding a path. */
    public sealed interface AddResult {
        record Inserted(StoredPath path) implements AddResult {}

        /**
         * The path exists with the same bytes.
         *
         * @param signed whether new signatures were added to it
         */
        record Unchanged(StoredPath path, boolean signed) implements AddResult {}

        /** The path exists with other bytes; nothing was changed. */
        record Conflicting(NixHash had) implements AddResult {}
    }

    /** @param hashPart the 32 characters before the name; invalid ones are not found */
    public Optional<PathInfo> find(long cacheId, String hashPart) {
        if (!StorePath.isHash(hashPart)) {
            return Optional.empty();
        }
        return sql.statement("""
                        select %s from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = cast(:hash as char(32))""".formatted(WHOLE))
                .bind("cache", cacheId)
                .bind("hash", hashPart)
                .first()
                .map(PathInfo::of);
    }

    /** Returns those of the paths that are here and have pushed signatures, in no particular order. */
    public List<PathInfo> findSigned(long cacheId, Collection<String> hashParts) {
        return sql.statement("""
                        select %s from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[])) and p.sigs <> '{}'""".formatted(WHOLE))
                .bind("cache", cacheId)
                .bind("hashes", hashParts.toArray(String[]::new))
                .list(PathInfo::of);
    }

    /** Finds a path that {@link #find} omits because its bytes are damaged. */
    public Optional<PathInfo> findDamaged(long cacheId, String hashPart) {
        return StorePath.isHash(hashPart)
                ? listDamaged(cacheId, List.of(hashPart)).stream().findFirst()
                : Optional.empty();
    }

    /** Returns those of the paths whose bytes are damaged, by name. */
    public List<PathInfo> listDamaged(long cacheId, Collection<String> hashParts) {
        return sql.statement("""
                        select %s, n.damaged_at from path p join nar_damage n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[]))
                        order by p.name, p.hash_part""".formatted(FACTS))
                .bind("cache", cacheId)
                .bind("hashes", hashParts.toArray(String[]::new))
                .list(PathInfo::of);
    }

    /** Returns those of the hash parts that no path of the cache has, in the given order, without duplicates. */
    public List<String> findMissing(long cacheId, Collection<String> hashParts) {
        var present =
                sql
                        .statement("""
                        select p.hash_part from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[]))""")
                        .bind("cache", cacheId)
                        .bind("hashes", hashParts.toArray(String[]::new))
                        .list()
                        .stream()
                        .map(row -> row.string("hash_part"))
                        .collect(Collectors.toSet());
        return hashParts.stream()
                .filter(hash -> !present.contains(hash))
                .distinct()
                .toList();
    }

    /**
     * Returns {@link #findMissing} paths to a client that will not upload the others. Marks the present ones as used before checking,
     * so that paths deleted by a concurrent garbage collection count as absent, and all others stay at least until the end of
     * tomorrow.
     */
    @Transactional
    public List<String> missingAndReserve(long cacheId, Collection<String> hashParts) {
        markAccessed(cacheId, hashParts);
        return findMissing(cacheId, hashParts);
    }

    /**
     * Returns the paths that are absent, and locks the others against deletion until the caller's transaction ends.
     *
     * @param baseNames hash part and name; both must match
     */
    @Transactional(TxType.MANDATORY)
    public List<String> missingFrom(long cacheId, Collection<String> baseNames) {
        var present = new HashSet<String>();
        for (var row :
                sql.statement("""
                select p.hash_part, p.name from path p join nar_facts n on n.id = p.nar_id
                where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[]))
                order by p.id for key share of p""").bindAll(byBaseName(cacheId, baseNames)).list()) {
            present.add(row.string("hash_part") + "-" + row.string("name"));
        }
        return baseNames.stream()
                .filter(base -> !present.contains(base))
                .distinct()
                .toList();
    }

    /**
     * Marks paths as used today, so that retention keeps them: clients do not upload paths that the server reports as present.
     *
     * @param paths base names or hash parts
     */
    @Transactional(TxType.MANDATORY)
    public void markAccessed(long cacheId, Collection<String> paths) {
        sql.statement("""
                update path set last_access = current_date where id in (
                  select id from path where cache_id = :cache and hash_part = any(cast(:hashes as char(32)[]))
                    and last_access < current_date
                  order by id for no key update)""").bindAll(byBaseName(cacheId, paths)).update();
    }

    /**
     * Adds a path, or returns what exists instead.
     *
     * @throws dev.narthex.problem.ProblemException Conflict if the hash part exists with another name, or the path with other
     *     references; TooLarge if the quota is exceeded
     */
    @Transactional(TxType.MANDATORY)
    public AddResult add(long cacheId, NewPath path) {
        return entry.add(cacheId, List.of(path)).getFirst();
    }

    /**
     * Adds several paths, see {@link #add}.
     *
     * @return results in the same order
     */
    @Transactional(TxType.MANDATORY)
    public List<AddResult> addAll(long cacheId, List<NewPath> paths) {
        return entry.add(cacheId, paths);
    }

    /**
     * Records that a path was pushed with other bytes.
     *
     * @param signer name of the key in a pushed signature, else of the principal; truncated if long
     * @return whether this was not recorded before
     */
    @Transactional(TxType.MANDATORY)
    public boolean recordConflict(long cacheId, String hashPart, NixHash narHash, String signer) {
        return sql.statement("""
                insert into observation (cache_id, hash_part, nar_hash, signer)
                select :cache, cast(:hash as char(32)), :nar, left(:signer, :length)
                where (select count(*) from observation where cache_id = :cache and hash_part = cast(:hash as char(32))) < :most
                on conflict do nothing""")
                        .bind("cache", cacheId)
                        .bind("hash", hashPart)
                        .bind("nar", narHash.bytes())
                        .bind("signer", signer)
                        .bind("length", SIGNER_LENGTH)
                        .bind("most", MAX_OBSERVATIONS)
                        .update()
                > 0;
    }

    /** Returns the records of {@link #recordConflict}, newest first. */
    public List<ConflictingNar> conflictingNars(long cacheId, String hashPart) {
        return sql.statement("""
                        select nar_hash, signer, at from observation
                        where cache_id = :cache and hash_part = cast(:hash as char(32)) order by at desc, nar_hash limit :limit""")
                .bind("cache", cacheId)
                .bind("hash", hashPart)
                .bind("limit", MAX_OBSERVATIONS)
                .list(row -> new ConflictingNar(
                        row.hash("nar_hash", HashAlgorithm.SHA256), row.string("signer"), row.instant("at")));
    }

    /**
     * Returns the referrers of a path, by name, excluding itself. {@code + 0} keeps the planner from combining the index on
     * references with one on all paths of the cache, which it would prefer if most caches are small.
     */
    public Page<PathSummary> referrers(long cacheId, String baseName, int page) {
        var rows = sql.statement("""
                select p.hash_part, p.name, n.nar_size, count(*) over () as total
                from path p join nar_facts n on n.id = p.nar_id
                where p.cache_id + 0 = :cache and p.refs @> cast(:refs as text[]) and p.hash_part <> cast(:own as char(32))
                order by p.name, p.hash_part limit :limit offset :offset""")
                .bind("cache", cacheId)
                .bind("refs", new String[] {baseName})
                .bind("own", hashOf(baseName))
                .bind("limit", PAGE_SIZE)
                .bind("offset", Page.offset(page, PAGE_SIZE))
                .list();
        return Page.of(rows, page, PAGE_SIZE, PathSummary::of);
    }

    /** Returns the path with this hash part in each of the caches that have it, by cache id. */
    public Map<Long, StorePath> cachesWith(Collection<Long> cacheIds, String hashPart) {
        return sql
                .statement("""
                        select p.cache_id, p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = any(cast(:caches as bigint[])) and p.hash_part = cast(:hash as char(32))
                        limit :limit""")
                .bind("caches", cacheIds.toArray(Long[]::new))
                .bind("hash", hashPart)
                .bind("limit", cacheIds.size())
                .list()
                .stream()
                .collect(Collectors.toMap(
                        row -> row.longValue("cache_id"),
                        row -> PathSummary.of(row).path()));
    }

    /** Returns those of the paths that are in the cache, by name. */
    public List<PathSummary> summaries(long cacheId, Collection<String> baseNames) {
        var wanted = new HashSet<>(baseNames);
        return sql.statement("""
                        select p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[]))
                        order by p.name, p.hash_part""").bindAll(byBaseName(cacheId, baseNames)).listWithGenericPlan().stream()
                .map(PathSummary::of)
                .filter(line -> wanted.contains(line.path().baseName()))
                .toList();
    }

    /** Returns the closure of a path; empty and incomplete if the path is not in the cache. */
    public Closure closure(long cacheId, String hashPart, int limit) {
        return walk.from(cacheId, hashPart, limit);
    }

    /**
     * Returns the closure sizes of paths, as far as the closures are in the cache.
     *
     * @param hashParts of the paths; absent paths are missing from the result
     * @param limit number of paths read for all closures together; closures beyond it are incomplete
     */
    public Map<String, ClosureTotals> closureTotals(long cacheId, Collection<String> hashParts, int limit) {
        return walk.weights(cacheId, hashParts, limit);
    }

    /** Returns the ids of the caches that have each path, by hash part; paths that no cache has are absent. */
    public Map<String, Set<Long>> cachesWith(Collection<Long> cacheIds, Collection<String> hashParts) {
        return sql
                .statement("""
                        select p.cache_id, p.hash_part from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = any(cast(:caches as bigint[])) and p.hash_part = any(cast(:hashes as char(32)[]))""")
                .bind("caches", cacheIds.toArray(Long[]::new))
                .bind(
                        "hashes",
                        hashParts.stream().filter(StorePath::isHash).distinct().toArray(String[]::new))
                .list()
                .stream()
                .collect(Collectors.groupingBy(
                        row -> row.string("hash_part"),
                        Collectors.mapping(row -> row.longValue("cache_id"), Collectors.toSet())));
    }

    /** Returns paths, most recently pushed first. */
    public List<PathSummary> newest(long cacheId, int limit) {
        return summaries("""
                select p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                where p.cache_id = :cache order by p.pushed_at desc, p.id desc limit :limit""", Map.of("cache", cacheId, "limit", limit));
    }

    /** Returns paths whose name, the part after the hash, starts with this text. */
    public List<PathSummary> findByNamePrefix(long cacheId, String text, int limit) {
        var from = Database.toPostgresText(text);
        // a LIKE with a parameter would scan all names; all characters of names sort before U+007F
        return summaries("""
                select p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                where p.cache_id = :cache and p.name collate "C" >= :from and p.name collate "C" < :to
                order by p.name collate "C", p.hash_part limit :limit""", Map.of("cache", cacheId, "from", from, "to", from + "\u007f", "limit", limit));
    }

    /**
     * Returns paths whose name starts with one of several texts, see {@link #findByNamePrefix}.
     *
     * @param limit for each text
     */
    public List<PathSummary> findByNamePrefixes(long cacheId, List<String> texts, int limit) {
        var from = texts.stream().map(Database::toPostgresText).toArray(String[]::new);
        return summaries("""
                select distinct p.hash_part, p.name, p.nar_size from unnest(cast(:from as text[])) f (name) cross join lateral (
                  select p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                  where p.cache_id = :cache and p.name collate "C" >= f.name and p.name collate "C" < f.name || chr(127)
                  order by p.name collate "C" limit :limit) p""", Map.of("cache", cacheId, "from", from, "limit", limit));
    }

    /** Returns the outputs of this derivation. */
    public List<StorePath> outputsOf(long cacheId, String drvBase) {
        return summaries("""
                        select p.hash_part, p.name, n.nar_size from path p join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.deriver = :drv order by p.name limit :limit""", Map.of("cache", cacheId, "drv", drvBase, "limit", MAX_OUTPUTS)).stream()
                .map(PathSummary::path)
                .toList();
    }

    /** Returns the releases that have an artifact in this path. */
    public List<PathRelease> releasesOf(long cacheId, long pathId) {
        return sql.statement("""
                        select distinct k.ecosystem, k.name, k.normalized, r.version, r.state = 'released' as released
                        from artifact a join release r on r.id = a.release_id
                          join package k on k.id = r.package_id and k.cache_id = :cache
                        where a.path_id = :path order by k.ecosystem, k.normalized, r.version limit 100""").bind("cache", cacheId).bind("path", pathId).list(PathRelease::of);
    }

    private List<PathSummary> summaries(String query, Map<String, Object> parameters) {
        return sql.statement(query).bindAll(parameters).list(PathSummary::of);
    }

    private static Map<String, Object> byBaseName(long cacheId, Collection<String> baseNames) {
        var hashes = baseNames.stream()
                .map(Paths::hashOf)
                .filter(StorePath::isHash)
                .distinct()
                .toArray(String[]::new);
        return Map.of("cache", cacheId, "hashes", hashes);
    }

    private static String hashOf(String base) {
        return base.substring(0, Math.min(32, base.length()));
    }
}
