package dev.narthex.catalog;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.nix.SecretKey;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Caches: named collections of store paths. Deleted ones are not found, but keep their names. */
@ApplicationScoped
public class Caches implements dev.narthex.spi.Caches {
    private static final int SUMMARY_LIMIT = 500;
    private static final int KNOWN = 10_000;
    private static final int LISTED = 100_000;

    private final CacheRows rows;
    private final CacheKeys keys;
    private final Sql sql;
    private final SeenHead head;
    private final com.github.benmanes.caffeine.cache.Cache<String, Known> known =
            Caffeine.newBuilder().maximumSize(KNOWN).build();

    /** @param as of a head that was read before the row */
    private record Known(Head as, Optional<CacheRow> row) {}

    private final com.github.benmanes.caffeine.cache.Cache<Wanted, Listed> lists = Caffeine.newBuilder()
            .maximumWeight(LISTED)
            .weigher((Wanted wanted, Listed listed) -> 1 + listed.caches().size())
            .build();

    /** @param also besides those that everyone may read; empty for all caches */
    private record Wanted(Optional<Set<Long>> also, int limit) {}

    /** @param as of a head that was read before the rows */
    private record Listed(Head as, List<Cache> caches) {}

    Caches(CacheRows rows, CacheKeys keys, Sql sql, SeenHead head) {
        this.head = head;
        this.rows = rows;
        this.keys = keys;
        this.sql = sql;
    }

    /** From memory while no cache has changed. Does not see what the caller's own transaction has not committed. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public Optional<Cache> find(String name) {
        return look(name).filter(row -> row.deletedAt().isEmpty()).map(CacheRow::cache);
    }

    /** Like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public Optional<Named> named(String name) {
        return look(name)
                .filter(row -> row.deletedAt()
                        .map(at -> Instant.now().isBefore(at.plus(Deletion.GRACE)))
                        .orElse(true))
                .map(row -> new Named(row.cache(), row.deletedAt().isPresent()));
    }

    private Optional<CacheRow> look(String name) {
        var now = head.look();
        var kept = known.getIfPresent(name);
        if (kept != null && kept.as().knowsCachesOf(now)) {
            return kept.row();
        }
        var found = rows.named(Sql.storable(name));
        known.put(name, new Known(now, found));
        return found;
    }

    /** Like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public List<Cache> list(int limit) {
        return listed(new Wanted(Optional.empty(), limit), () -> rows.standing(limit));
    }

    /** Like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public List<Cache> readable(Collection<Long> also, int limit) {
        return listed(new Wanted(Optional.of(Set.copyOf(also)), limit), () -> rows.readable(also, limit));
    }

    private List<Cache> listed(Wanted wanted, Supplier<List<CacheRow>> source) {
        var now = head.look();
        var kept = lists.getIfPresent(wanted);
        if (kept != null && kept.as().knowsCachesOf(now)) {
            return kept.caches();
        }
        var found = source.get().stream().map(CacheRow::cache).toList();
        lists.put(wanted, new Listed(now, found));
        return found;
    }

    /**
     * Makes an empty cache with its first signing key, which has the cache's name.
     *
     * @param domainId the dedup domain whose bytes it shares, for ever
     * @throws dev.narthex.problem.ProblemException Malformed for a name that no cache may have, Conflict for one in use
     */
    @Transactional(TxType.MANDATORY)
    public Cache create(String name, String summary, boolean open, long domainId) {
        return entered(enter(name, summary, open, domainId), SecretKey.generate(name));
    }

    /** The same, private, with a first signing key that was made elsewhere. */
    @Transactional(TxType.MANDATORY)
    public Cache create(String name, long domainId, SecretKey key) {
        return entered(enter(name, "", false, domainId), key);
    }

    private long enter(String name, String summary, boolean open, long domainId) {
        CacheNames.require(name);
        return sql.first("""
                        insert into cache (domain_id, name, summary, public) values (:domain, :name, :summary, :open)
                        on conflict (name) do nothing returning id""", Map.of("domain", domainId, "name", name, "summary", shortened(summary), "open", open))
                .orElseThrow(() -> new Problem.Conflict(
                                "Name in use", "There is, or was, a cache “" + name + "”; names are not given twice.")
                        .asException())
                .number("id");
    }

    private Cache entered(long id, SecretKey key) {
        sql.change("insert into cache_usage (cache_id) values (:cache)", Map.of("cache", id));
        keys.begin(id, key);
        return rows.findById(id).cache();
    }

    private static String shortened(String summary) {
        var clean = summary.strip();
        return clean.substring(0, Math.min(SUMMARY_LIMIT, clean.length()));
    }

    /** What the cache holds now; zeros for a cache that is not there. */
    public CacheCounts counts(long cacheId) {
        var counted = sql.rows("""
                        select u.paths, u.bytes, e.ecosystem, coalesce(e.n, 0) as n from cache_usage u left join (
                          select p.ecosystem, count(*) as n from package p where p.cache_id = :cache
                            and p.default_release is not null
                          group by p.ecosystem) e on true
                        where u.cache_id = :cache""", Map.of("cache", cacheId));
        if (counted.isEmpty()) {
            return new CacheCounts(0, 0, Map.of());
        }
        var packages = counted.stream()
                .filter(row -> row.maybeText("ecosystem").isPresent())
                .collect(Collectors.toMap(row -> row.text("ecosystem"), row -> row.number("n")));
        return new CacheCounts(
                counted.getFirst().number("paths"), counted.getFirst().number("bytes"), packages);
    }
}
