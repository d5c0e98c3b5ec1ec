package dev.narthex.retention;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores pins: named GC roots, which keep a path and its closure regardless of the retention policy. */
@ApplicationScoped
public class Pins {
    /** Maximum number of pins of a cache. */
    public static final int MAX_PINS = 10_000;

    private static final String ROWS = """
            select i.name, p.hash_part, p.name as path_name, i.reason, i.keep_until, i.created_at, i.created_by
            from pin i join path p on p.id = i.path_id and p.cache_id = i.cache_id where i.cache_id = :cache""";

    private final Database sql;

    Pins(Database sql) {
        this.sql = sql;
    }

    /**
     * A pin.
     *
     * @param until when it expires; empty for never
     * @param by name of the principal who set it; empty for old pins without record
     */
    public record Pin(
            String name, StorePath path, String reason, Optional<Instant> until, Instant since, Optional<String> by) {
        static Pin of(Row row) {
            return new Pin(
                    row.string("name"),
                    new StorePath(row.string("hash_part"), row.string("path_name")),
                    row.string("reason"),
                    row.optionalInstant("keep_until"),
                    row.instant("created_at"),
                    row.optionalString("created_by"));
        }
    }

    public Optional<Pin> find(long cacheId, String name) {
        return sql.statement(ROWS + " and i.name = :name")
                .bind("cache", cacheId)
                .bind("name", Database.toPostgresText(name))
                .first()
                .map(Pin::of);
    }

    /** Lists pins ordered by name, starting after {@code after}. */
    public List<Pin> list(long cacheId, String after, int limit) {
        return sql.statement(ROWS + " and i.name collate \"C\" > :after order by i.name collate \"C\" limit :limit")
                .bind("cache", cacheId)
                .bind("after", Database.toPostgresText(after))
                .bind("limit", limit)
                .list(Pin::of);
    }

    /** Lists the pins of a path, ordered by name. */
    public List<Pin> of(long cacheId, long pathId, int limit) {
        return sql.statement(ROWS + " and i.path_id = :path order by i.name collate \"C\" limit :limit")
                .bind("cache", cacheId)
                .bind("path", pathId)
                .bind("limit", limit)
                .list(Pin::of);
    }

    /** @param until when it expires; empty for never */
    public record NewPin(String name, long pathId, String reason, Optional<Instant> until, String by) {}

    /**
     * Creates a pin, or moves the existing pin of this name.
     *
     * @return false if the cache has too many pins, or the path was deleted concurrently
     */
    @Transactional(TxType.MANDATORY)
    public boolean put(long cacheId, NewPin pin) {
        var row = sql.statement("select p.id from path p where p.cache_id = :cache and p.id = :path for key share")
                .bind("cache", cacheId)
                .bind("path", pin.pathId())
                .first();
        var values = new HashMap<String, Object>(Map.of(
                "cache", cacheId,
                "name", pin.name(),
                "path", pin.pathId(),
                "reason", pin.reason(),
                "until", pin.until().map(Instant::toString).orElse(""),
                "by", pin.by(),
                "most", MAX_PINS));
        return row.isPresent() && sql.statement("""
                insert into pin (cache_id, name, path_id, reason, keep_until, created_by)
                select :cache, :name, :path, :reason, cast(nullif(:until, '') as timestamptz), nullif(:by, '')
                where (select count(*) from pin where cache_id = :cache) < :most
                  or exists (select from pin where cache_id = :cache and name = :name)
                on conflict (cache_id, name) do update set path_id = excluded.path_id, reason = excluded.reason,
                  keep_until = excluded.keep_until, created_by = excluded.created_by, created_at = now()""").bindAll(values).update() > 0;
    }

    /** Removes a pin. Returns whether it existed. */
    @Transactional(TxType.MANDATORY)
    public boolean remove(long cacheId, String name) {
        return sql.statement("delete from pin where cache_id = :cache and name = :name")
                        .bind("cache", cacheId)
                        .bind("name", Database.toPostgresText(name))
                        .update()
                > 0;
    }

    /** Removes expired pins. Returns their number. */
    @Transactional(TxType.MANDATORY)
    public int expire(long cacheId) {
        return sql.statement("delete from pin where cache_id = :cache and keep_until <= now()")
                .bind("cache", cacheId)
                .update();
    }
}
