package dev.narthex.catalog.cache;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Reads and changes the settings of caches. Visibility changes take effect with the next request, on all replicas. */
@ApplicationScoped
public class CacheSettingsStore {
    private static final String CHANGED = "settings";

    private static final String SETTINGS = """
            select c.summary, c.public as open, c.priority, c.release_policy = 'automatic' as automatic, c.upstream_key_names,
              cast(c.retention ->> 'periodSeconds' as bigint) as period,
              cast(c.retention ->> 'versions' as int) as versions, cast(c.retention ->> 'downloadedDays' as int) as downloaded_days, c.quota_bytes, c.upload_bytes_per_minute
            from cache c where c.id = :cache""";

    public static final String ROOM = """
            select u.bytes, c.quota_bytes, c.upload_bytes_per_minute from cache_usage u join cache c on c.id = u.cache_id
            where u.cache_id = :cache""";

    private final Database sql;
    private final ChangeLog changes;

    CacheSettingsStore(Database sql, ChangeLog changes) {
        this.sql = sql;
        this.changes = changes;
    }

    /** @param cacheId of an existing cache */
    public CacheSettings of(long cacheId) {
        return settings(sql.statement(SETTINGS).bind("cache", cacheId).list().getFirst());
    }

    /** Returns the usage and limits of a cache. */
    public CacheQuota quota(long cacheId) {
        return CacheQuota.of(sql.statement(ROOM).bind("cache", cacheId).list().getFirst());
    }

    /** The settings before and after a change. */
    public record SettingsChange(CacheSettings oldSettings, CacheSettings newSettings) {}

    /** Changes the settings. Locks them, so that concurrent changes are applied one after another. */
    @Transactional(TxType.MANDATORY)
    public SettingsChange change(long cacheId, UnaryOperator<CacheSettings> to) {
        var before = settings(sql.statement(SETTINGS + " for no key update")
                .bind("cache", cacheId)
                .list()
                .getFirst());
        var after = to.apply(before);
        if (!after.equals(before)) {
            put(cacheId, after);
            changes.append(cacheId, CHANGED, Optional.empty(), Optional.empty(), Optional.empty());
        }
        return new SettingsChange(before, after);
    }

    private void put(long cacheId, CacheSettings settings) {
        sql.statement("""
                update cache set summary = :summary, public = :open, priority = :priority,
                  release_policy = case when :automatic then 'automatic' else 'manual' end,
                  upstream_key_names = cast(:upstream as text[]),
                  retention = cast(:retention as jsonb),
                  quota_bytes = nullif(:quota, 0), upload_bytes_per_minute = nullif(:rate, 0)
                where id = :cache""")
                .bind("summary", settings.summary())
                .bind("open", settings.open())
                .bind("priority", settings.priority())
                .bind("automatic", settings.automatic())
                .bind("upstream", settings.upstreamKeyNames().toArray(String[]::new))
                .bind("retention", JsonColumns.write(settings.retention().stored()))
                .bind("quota", settings.quotaBytes().orElse(0L))
                .bind("rate", settings.uploadBytesPerMinute().orElse(0L))
                .bind("cache", cacheId)
                .update();
    }

    private static CacheSettings settings(Row row) {
        return new CacheSettings(
                row.string("summary"),
                row.bool("open"),
                (int) row.longValue("priority"),
                row.bool("automatic"),
                row.strings("upstream_key_names"),
                new Retention(
                        row.optionalLong("period"),
                        row.optionalLong("versions").map(Long::intValue),
                        row.optionalLong("downloaded_days").map(Long::intValue)),
                row.optionalLong("quota_bytes"),
                row.optionalLong("upload_bytes_per_minute"));
    }
}
