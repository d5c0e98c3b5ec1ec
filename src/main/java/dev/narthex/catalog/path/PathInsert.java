package dev.narthex.catalog.path;

import dev.narthex.catalog.cache.CacheQuota;
import dev.narthex.catalog.cache.CacheSettingsStore;
import dev.narthex.catalog.path.Paths.AddResult;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.ContentAddress;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.Signature;
import dev.narthex.nix.StorePath;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Adds store paths. Locks the row of cache_usage first: two transactions that add the same paths in different order would
 * otherwise deadlock.
 */
@ApplicationScoped
class PathInsert {
    /**
     * Limits the signatures per path, since publishers could otherwise grow a narinfo, which clients read as a whole, without
     * bound.
     */
    private static final int MAX_SIGNATURES = 32;

    private static final String PUBLISHED = "published";

    /** Origins to which the quota applies. Derived files are exempt, because no client would receive the error. */
    private static final Set<String> SENT = Set.of("pushed", PUBLISHED);

    private final Database sql;

    PathInsert(Database sql) {
        this.sql = sql;
    }

    /** Adds paths, and returns their results in the same order. */
    List<AddResult> add(long cacheId, List<NewPath> paths) {
        var room = CacheQuota.of(sql.statement(CacheSettingsStore.ROOM + " for no key update of u")
                .bind("cache", cacheId)
                .list()
                .getFirst());
        var results = new ArrayList<AddResult>();
        var here = new HashSet<Long>();
        long bytes = 0;
        for (var path : paths) {
            var entered = insert(cacheId, path);
            if (entered.isEmpty()) {
                results.add(compare(cacheId, path));
                continue;
            }
            results.add(new AddResult.Inserted(entered.get()));
            bytes += usageGrowth(cacheId, path, entered.get().id(), here);
            if (SENT.contains(path.origin())) {
                room.require(bytes);
            }
        }
        count(cacheId, results, bytes);
        return results;
    }

    /**
     * Returns the bytes by which the usage grows. A published file has several store paths but counts once.
     *
     * @param here NARs that already have a path in this transaction; the NAR of this path is added
     */
    private long usageGrowth(long cacheId, NewPath path, long pathId, Set<Long> here) {
        boolean another = !here.add(path.narId());
        boolean again = path.origin().equals(PUBLISHED) && (another || hasAnother(cacheId, path.narId(), pathId));
        return again ? 0 : path.narSize();
    }

    private boolean hasAnother(long cacheId, long narId, long pathId) {
        return sql.statement(
                        "select true as yes from path where cache_id = :cache and nar_id = :nar and id <> :path limit 1")
                .bind("cache", cacheId)
                .bind("nar", narId)
                .bind("path", pathId)
                .first()
                .isPresent();
    }

    private void count(long cacheId, List<AddResult> results, long bytes) {
        long fresh =
                results.stream().filter(AddResult.Inserted.class::isInstance).count();
        if (fresh > 0) {
            sql.statement(
                            "update cache_usage set paths = paths + :paths, bytes = bytes + :bytes where cache_id = :cache")
                    .bind("paths", fresh)
                    .bind("bytes", bytes)
                    .bind("cache", cacheId)
                    .update();
        }
    }

    private Optional<StoredPath> insert(long cacheId, NewPath path) {
        var values = new HashMap<String, Object>(Map.of(
                "cache", cacheId,
                "hash", path.path().hash(),
                "name", path.path().name(),
                "nar", path.narId(),
                "refs", path.references().toArray(String[]::new),
                "sigs", texts(path.sigs().stream().limit(MAX_SIGNATURES).toList()),
                "origin", path.origin(),
                "by", path.pushedBy()));
        values.put("deriver", path.deriver().map(StorePath::baseName).orElse(""));
        values.put("ca", path.ca().map(ContentAddress::toString).orElse(""));
        return sql.statement("""
                        insert into path (cache_id, hash_part, name, nar_id, refs, deriver, ca, sigs, origin, pushed_by)
                        values (:cache, cast(:hash as char(32)), :name, :nar, cast(:refs as text[]), nullif(:deriver, ''),
                          nullif(:ca, ''), cast(:sigs as text[]), :origin, nullif(:by, ''))
                        on conflict (cache_id, hash_part) do nothing returning id, pushed_at, pushed_by""").bindAll(values).first().map(row -> StoredPath.of(path.path(), row));
    }

    private AddResult compare(long cacheId, NewPath path) {
        var row = sql.statement("""
                        select p.id, p.name, p.nar_id, p.refs, p.sigs, p.pushed_at, p.pushed_by, n.nar_hash
                        from path p left join nar_facts n on n.id = p.nar_id
                        where p.cache_id = :cache and p.hash_part = cast(:hash as char(32)) for no key update of p""")
                .bind("cache", cacheId)
                .bind("hash", path.path().hash())
                .first()
                .orElseThrow(() -> Problem.unavailable("The path was deleted at this moment. Send it again.", 1));
        if (!row.string("name").equals(path.path().name())) {
            throw Problem.conflict(
                    "Other name",
                    "This cache has the hash part of " + path.path() + " under the name " + row.string("name") + ".");
        }
        // A cache never changes its dedup domain, and a domain stores each NAR once, so equal bytes have equal ids.
        if (row.longValue("nar_id") != path.narId()) {
            return new AddResult.Conflicting(
                    row.optionalHash("nar_hash", HashAlgorithm.SHA256).orElseThrow(() -> lostBytesProblem(path)));
        }
        // Signatures cover references: with other references, the new signatures would not be valid for the stored
        // narinfo.
        if (!Set.copyOf(row.strings("refs")).equals(Set.copyOf(path.references()))) {
            throw Problem.conflict(
                    "Other references",
                    path.path() + " is in this cache with the same bytes, but refers to other paths. The first"
                            + " references stay.");
        }
        return new AddResult.Unchanged(StoredPath.of(path.path(), row), merge(cacheId, row, path.sigs()));
    }

    /**
     * Returns the error for a path whose bytes are lost. Clients may have been promised files at offsets in those bytes, so other
     * bytes cannot replace them.
     */
    private static ProblemException lostBytesProblem(NewPath path) {
        return Problem.conflict(
                "Other bytes",
                "This cache had other bytes for " + path.path()
                        + " and lost them. Only the same bytes can take their place.");
    }

    /** Adds signatures, and returns whether any is new. */
    private boolean merge(long cacheId, Row row, List<Signature> sigs) {
        var merged = new LinkedHashSet<>(row.strings("sigs"));
        int before = merged.size();
        sigs.stream()
                .map(Signature::toString)
                .filter(sig -> merged.size() < MAX_SIGNATURES)
                .forEach(merged::add);
        boolean more = merged.size() > before;
        if (more) {
            sql.statement("update path set sigs = cast(:sigs as text[]) where cache_id = :cache and id = :id")
                    .bind("sigs", merged.toArray(String[]::new))
                    .bind("cache", cacheId)
                    .bind("id", row.longValue("id"))
                    .update();
        }
        return more;
    }

    private static String[] texts(List<Signature> sigs) {
        return sigs.stream().map(Signature::toString).distinct().toArray(String[]::new);
    }
}
