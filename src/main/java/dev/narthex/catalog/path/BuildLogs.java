package dev.narthex.catalog.path;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Map;
import java.util.Optional;

/** Stores build logs by derivation. */
@ApplicationScoped
public class BuildLogs {
    private final Database sql;

    BuildLogs(Database sql) {
        this.sql = sql;
    }

    /**
     * Stores a log, replacing an earlier one.
     *
     * @param drvBase base name of the derivation
     * @param zstd the text, compressed with zstd; callers limit its size
     */
    @Transactional(TxType.MANDATORY)
    public void put(long cacheId, String drvBase, byte[] zstd) {
        sql.statement("""
                insert into build_log (cache_id, drv, zstd) values (:cache, :drv, :zstd)
                on conflict (cache_id, drv) do update set zstd = excluded.zstd, at = now()""")
                .bind("cache", cacheId)
                .bind("drv", drvBase)
                .bind("zstd", zstd)
                .update();
    }

    /** Returns the log, compressed as it was stored. */
    public Optional<byte[]> find(long cacheId, String drvBase) {
        return sql.statement("select zstd from build_log where cache_id = :cache and drv = :drv")
                .bindAll(key(cacheId, drvBase))
                .first()
                .map(row -> row.bytes("zstd"));
    }

    public boolean exists(long cacheId, String drvBase) {
        return sql.statement("select true as yes from build_log where cache_id = :cache and drv = :drv")
                .bindAll(key(cacheId, drvBase))
                .first()
                .isPresent();
    }

    private static Map<String, Object> key(long cacheId, String drvBase) {
        return Map.of("cache", cacheId, "drv", drvBase);
    }
}
