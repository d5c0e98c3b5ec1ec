package dev.narthex.catalog.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.nix.StorePath;
import dev.narthex.spi.DerivationMeta;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Stores the metadata of {@code nix-env --json --meta} by output path. A row may arrive before its path; it expires if the path
 * is never pushed.
 */
@ApplicationScoped
public class DerivationMetaRepository {
    private final Database sql;

    DerivationMetaRepository(Database sql) {
        this.sql = sql;
    }

    /**
     * Stores rows. A later row replaces an earlier one of the same output and attribute. Rows with invalid JSON or hash part are
     * skipped. Call with about 500 rows per transaction.
     *
     * @return hash parts of the rows whose paths are in the cache
     */
    @Transactional(TxType.MANDATORY)
    public List<String> add(long cacheId, List<DerivationMetaEntry> rows) {
        var clean = new LinkedHashMap<String, DerivationMetaEntry>();
        rows.forEach(row -> clean(row).ifPresent(c -> clean.put(c.hashPart() + c.attribute(), c)));
        sql.statement("""
                insert into derivation_meta (cache_id, hash_part, attr, meta)
                select :cache, cast(m.hash_part as char(32)), m.attr, cast(m.meta as jsonb)
                from unnest(cast(:hashes as text[]), cast(:attrs as text[]), cast(:metas as text[])) m (hash_part, attr, meta)
                order by m.hash_part, m.attr
                on conflict (cache_id, hash_part, attr) do update set meta = excluded.meta, at = now()""")
                .bind("cache", cacheId)
                .bind(
                        "hashes",
                        clean.values().stream()
                                .map(DerivationMetaEntry::hashPart)
                                .toArray(String[]::new))
                .bind(
                        "attrs",
                        clean.values().stream()
                                .map(DerivationMetaEntry::attribute)
                                .toArray(String[]::new))
                .bind(
                        "metas",
                        clean.values().stream().map(DerivationMetaEntry::json).toArray(String[]::new))
                .update();
        return sql.statement("""
                        select p.hash_part from path p
                        where p.cache_id = :cache and p.hash_part = any(cast(:hashes as char(32)[])) order by p.hash_part""")
                .bind("cache", cacheId)
                .bind(
                        "hashes",
                        clean.values().stream()
                                .map(DerivationMetaEntry::hashPart)
                                .distinct()
                                .toArray(String[]::new))
                .list(row -> row.string("hash_part"));
    }

    private static Optional<DerivationMetaEntry> clean(DerivationMetaEntry row) {
        if (!StorePath.isHash(row.hashPart()) || !RecognizedRelease.isIndexable(row.attribute())) {
            return Optional.empty();
        }
        try {
            var tree = JsonColumns.tree(row.json());
            return tree.isObject()
                    ? Optional.of(new DerivationMetaEntry(row.hashPart(), row.attribute(), JsonColumns.write(tree)))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /**
     * Finds the metadata of an output. If several attributes have it, uses the shortest: the others are aliases or belong to
     * larger sets.
     */
    public Optional<DerivationMeta> find(long cacheId, String hashPart) {
        return sql.statement("""
                        select attr, cast(meta as text) as meta from derivation_meta
                        where cache_id = :cache and hash_part = cast(:hash as char(32)) order by length(attr), attr limit 1""")
                .bind("cache", cacheId)
                .bind("hash", hashPart)
                .first()
                .map(row -> DerivationMetaParser.read(row.string("attr"), row.string("meta")));
    }

    /** Deletes rows of this cache that are older than this and whose path is not in the cache. Returns their number. */
    @Transactional(TxType.MANDATORY)
    public int expire(long cacheId, Duration after) {
        return sql.statement("""
                delete from derivation_meta m where m.cache_id = :cache and m.at < now() - make_interval(secs => :seconds)
                  and not exists (select from path p where p.cache_id = m.cache_id and p.hash_part = m.hash_part)""")
                .bind("cache", cacheId)
                .bind("seconds", after.toSeconds())
                .update();
    }
}
