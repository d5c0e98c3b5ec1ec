package dev.narthex.catalog.cache;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.catalog.change.ChangeLogHead;
import dev.narthex.catalog.change.RequestHead;
import dev.narthex.db.Database;
import dev.narthex.nix.SecretKey;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
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

/** Finds and creates caches. Deleted caches are not found by {@link #find}, but their names remain in use. */
@ApplicationScoped
public class CacheCatalog implements dev.narthex.spi.CacheLookup {
    private static final int MAX_SUMMARY = 500;
    private static final int KNOWN = 10_000;
    private static final int LISTED = 100_000;

    private final CacheRepository rows;
    private final CacheKeyring keys;
    private final Database sql;
    private final RequestHead head;
    private final com.github.benmanes.caffeine.cache.Cache<String, LoadedCache> byName =
            Caffeine.newBuilder().maximumSize(KNOWN).build();

    /** @param as head of the change log, read before the row */
    private record LoadedCache(ChangeLogHead head, Optional<CacheEntity> row) {}

    private final com.github.benmanes.caffeine.cache.Cache<ListingKey, LoadedCaches> lists = Caffeine.newBuilder()
            .maximumWeight(LISTED)
            .weigher(
                    (ListingKey key, LoadedCaches loaded) -> 1 + loaded.caches().size())
            .build();

    /** @param also private caches to include; empty for all caches */
    private record ListingKey(Optional<Set<Long>> readableIds, int limit) {}

    /** @param as head of the change log, read before the rows */
    private record LoadedCaches(ChangeLogHead head, List<Cache> caches) {}

    CacheCatalog(CacheRepository rows, CacheKeyring keys, Database sql, RequestHead head) {
        this.head = head;
        this.rows = rows;
        this.keys = keys;
        this.sql = sql;
    }

    /**
     * Finds a cache by name, from memory while no cache has changed. Does not see uncommitted changes of the caller's
     * transaction.
     */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public Optional<Cache> find(String name) {
        return findRow(name).filter(row -> row.deletedAt().isEmpty()).map(CacheEntity::cache);
    }

    /** Finds a cache that exists or can still be undeleted; reads like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public Optional<NamedCache> findNamed(String name) {
        return findRow(name)
                .filter(row -> row.deletedAt()
                        .map(at -> Instant.now().isBefore(at.plus(CacheDeletion.GRACE)))
                        .orElse(true))
                .map(row -> new NamedCache(row.cache(), row.deletedAt().isPresent()));
    }

    private Optional<CacheEntity> findRow(String name) {
        var now = head.refresh();
        var loaded = byName.getIfPresent(name);
        if (loaded != null && loaded.head().hasSameCaches(now)) {
            return loaded.row();
        }
        var entity = rows.findByName(Database.toPostgresText(name));
        byName.put(name, new LoadedCache(now, entity));
        return entity;
    }

    /** Lists all caches; reads like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public List<Cache> list(int limit) {
        return cachedList(new ListingKey(Optional.empty(), limit), () -> rows.listActive(limit));
    }

    /** Lists public caches and those in {@code privateIds}; reads like {@link #find}. */
    @Override
    @ActivateRequestContext
    @Transactional(TxType.NOT_SUPPORTED)
    public List<Cache> listReadable(Collection<Long> privateIds, int limit) {
        return cachedList(
                new ListingKey(Optional.of(Set.copyOf(privateIds)), limit), () -> rows.listReadable(privateIds, limit));
    }

    private List<Cache> cachedList(ListingKey key, Supplier<List<CacheEntity>> source) {
        var now = head.refresh();
        var loaded = lists.getIfPresent(key);
        if (loaded != null && loaded.head().hasSameCaches(now)) {
            return loaded.caches();
        }
        var caches = source.get().stream().map(CacheEntity::cache).toList();
        lists.put(key, new LoadedCaches(now, caches));
        return caches;
    }

    /**
     * Creates an empty cache, and its first signing key with the same name.
     *
     * @param domainId the dedup domain, which cannot change later
     * @throws dev.narthex.problem.ProblemException Malformed if the name is not allowed, Conflict if it is or was in use
     */
    @Transactional(TxType.MANDATORY)
    public Cache create(String name, String summary, boolean open, long domainId) {
        return finishCreate(insert(name, summary, open, domainId), SecretKey.generate(name));
    }

    /** Creates a private cache with an existing signing key. */
    @Transactional(TxType.MANDATORY)
    public Cache create(String name, long domainId, SecretKey key) {
        return finishCreate(insert(name, "", false, domainId), key);
    }

    private long insert(String name, String summary, boolean open, long domainId) {
        CacheNames.require(name);
        return sql.statement("""
                        insert into cache (domain_id, name, summary, public) values (:domain, :name, :summary, :open)
                        on conflict (name) do nothing returning id""")
                .bind("domain", domainId)
                .bind("name", name)
                .bind("summary", shortened(summary))
                .bind("open", open)
                .first()
                .orElseThrow(() -> Problem.conflict(
                        "Name in use", "There is, or was, a cache “" + name + "”; names cannot be reused."))
                .longValue("id");
    }

    private Cache finishCreate(long id, SecretKey key) {
        sql.statement("insert into cache_usage (cache_id) values (:cache)")
                .bind("cache", id)
                .update();
        keys.addFirstKey(id, key);
        return rows.findById(id).cache();
    }

    private static String shortened(String summary) {
        var clean = summary.strip();
        return clean.substring(0, Math.min(MAX_SUMMARY, clean.length()));
    }

    /** Returns the current counts of a cache; zeros if it does not exist. */
    public CacheCounts counts(long cacheId) {
        var counted = sql.statement("""
                        select u.paths, u.bytes, e.ecosystem, coalesce(e.n, 0) as n from cache_usage u left join (
                          select p.ecosystem, count(*) as n from package p where p.cache_id = :cache
                            and p.default_release is not null
                          group by p.ecosystem) e on true
                        where u.cache_id = :cache""").bind("cache", cacheId).list();
        if (counted.isEmpty()) {
            return new CacheCounts(0, 0, Map.of());
        }
        var packages = counted.stream()
                .filter(row -> row.optionalString("ecosystem").isPresent())
                .collect(Collectors.toMap(row -> row.string("ecosystem"), row -> row.longValue("n")));
        return new CacheCounts(
                counted.getFirst().longValue("paths"), counted.getFirst().longValue("bytes"), packages);
    }
}
