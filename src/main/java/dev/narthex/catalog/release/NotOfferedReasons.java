package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores why packages that a path contains are not offered to clients of an ecosystem. */
@ApplicationScoped
public class NotOfferedReasons {
    private final Database sql;

    NotOfferedReasons(Database sql) {
        this.sql = sql;
    }

    /**
     * @param version empty if unknown
     * @param reason a sentence without a period at the end; untrusted text
     */
    public record Reason(String name, String version, String reason) {}

    /** @param transcoder name and version of the transcoder that gave the reasons */
    public record PathReasons(String ecosystem, String transcoder, List<Reason> reasons) {
        public PathReasons {
            reasons = List.copyOf(reasons);
        }
    }

    private record StoredReasons(String transcoder, List<Reason> reasons) {}

    /** Returns the reasons of all ecosystems, ordered by ecosystem id. */
    public List<PathReasons> of(long cacheId, String hashPart) {
        return sql.statement("""
                        select ecosystem, cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and package_id is null and key = :hash order by ecosystem""")
                .bind("cache", cacheId)
                .bind("hash", hashPart)
                .list(row -> toPathReasons(
                        row.string("ecosystem"), JsonColumns.read(row.string("body"), StoredReasons.class)));
    }

    public Optional<PathReasons> of(long cacheId, String hashPart, String ecosystem) {
        return of(cacheId, hashPart).stream()
                .filter(reasons -> reasons.ecosystem().equals(ecosystem))
                .findFirst();
    }

    private static PathReasons toPathReasons(String ecosystem, StoredReasons body) {
        return new PathReasons(ecosystem, body.transcoder(), body.reasons());
    }

    /** Replaces the reasons for this path and ecosystem; an empty list deletes them. */
    @Transactional(TxType.MANDATORY)
    public void put(long cacheId, String hashPart, PathReasons reasons) {
        var key = Map.<String, Object>of("cache", cacheId, "ecosystem", reasons.ecosystem(), "hash", hashPart);
        if (reasons.reasons().isEmpty()) {
            sql.statement("""
                    delete from ecosystem_state
                    where cache_id = :cache and ecosystem = :ecosystem and package_id is null and key = :hash""").bindAll(key).update();
            return;
        }
        var body = JsonColumns.write(new StoredReasons(reasons.transcoder(), reasons.reasons()));
        sql.statement("""
                insert into ecosystem_state (cache_id, ecosystem, package_id, key, body)
                values (:cache, :ecosystem, null, :hash, cast(:body as jsonb))
                on conflict (cache_id, ecosystem, package_id, key) do update set body = excluded.body""")
                .bind("cache", cacheId)
                .bind("ecosystem", reasons.ecosystem())
                .bind("hash", hashPart)
                .bind("body", body)
                .update();
    }
}
