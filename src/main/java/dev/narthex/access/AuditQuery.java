package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.spi.Nightly;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Queries the audit log, and deletes expired entries every night. */
@ApplicationScoped
public class AuditQuery implements Nightly {
    private static final int DELETED = 10_000;

    private final Database sql;
    private final Duration retention;

    /** @param days how long entries are kept, in days */
    AuditQuery(Database sql, @ConfigProperty(name = "narthex.audit.days", defaultValue = "365") int days) {
        this.sql = sql;
        this.retention = Duration.ofDays(days);
    }

    /**
     * An entry of the audit log.
     *
     * @param actor person or token whose rights were used or were insufficient
     * @param via the token, "session", or why there was no valid credential
     * @param address address of the client; absent if no request caused the act
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record Entry(
            long id,
            Instant at,
            Optional<String> cache,
            String actor,
            String via,
            String action,
            String object,
            boolean allowed,
            Optional<String> address) {}

    /**
     * A filter of audit entries. Empty fields do not restrict the result.
     *
     * @param cacheName name of the cache when the entry was written; empty text selects entries about no cache
     * @param before only entries older than the entry with this id
     * @param after only entries newer than the entry with this id
     */
    public record Filter(
            Optional<Long> cacheId,
            Optional<String> cacheName,
            Optional<String> actor,
            Optional<String> action,
            Optional<Boolean> allowed,
            Optional<Instant> since,
            Optional<Instant> until,
            Optional<Long> before,
            Optional<Long> after) {
        /** Returns this filter restricted to entries older than the given one. */
        public Filter before(long id) {
            return new Filter(
                    cacheId, cacheName, actor, action, allowed, since, until, Optional.of(id), Optional.empty());
        }

        private Map<String, Object> conditions() {
            var all = new LinkedHashMap<String, Object>();
            cacheId.ifPresent(value -> all.put("cache_id = :cache", value));
            cacheName.ifPresent(value -> all.put("coalesce(detail ->> 'cache', '') = :cacheName", value));
            actor.ifPresent(value -> all.put("actor = :actor", value));
            action.ifPresent(value -> all.put("action = :action", value));
            allowed.ifPresent(value -> all.put("allowed = :allowed", value));
            since.ifPresent(value -> all.put("at >= :since", value));
            until.ifPresent(value -> all.put("at < :until", value));
            before.ifPresent(value -> all.put("id < :before", value));
            after.ifPresent(value -> all.put("id > :after", value));
            return all;
        }
    }

    /**
     * Lists matching entries, newest first. With {@code after} set, the list holds the entries that follow that id directly, rather
     * than the newest of all.
     */
    public List<Entry> list(Filter filter, int limit) {
        var conditions = filter.conditions();
        var where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions.keySet());
        var parameters = new HashMap<String, Object>(Map.of("limit", limit));
        conditions.forEach(
                (condition, value) -> parameters.put(condition.substring(condition.indexOf(':') + 1), value));
        var entries = sql.statement("""
                        select id, at, detail ->> 'cache' as cache, actor, via, action, object, allowed, host(address) as address
                        from audit%s order by id %s limit :limit""".formatted(where, filter.after().isPresent() ? "asc" : "desc"))
                .bindAll(parameters)
                .list(AuditQuery::entry);
        return filter.after().isPresent() ? entries.reversed() : entries;
    }

    private static Entry entry(Row row) {
        return new Entry(
                row.longValue("id"),
                row.instant("at"),
                row.optionalString("cache"),
                row.string("actor"),
                row.string("via"),
                row.string("action"),
                row.string("object"),
                row.bool("allowed"),
                row.optionalString("address"));
    }

    @Override
    public String kind() {
        return "audit";
    }

    /** Deletes expired entries in small transactions. */
    @Override
    public void run() {
        var oldest = Instant.now().minus(retention);
        while (QuarkusTransaction.requiringNew().call(() -> delete(oldest)) == DELETED) {}
    }

    private int delete(Instant oldest) {
        return sql.statement(
                        "delete from audit where id in (select id from audit where at < :oldest order by at limit :limit)")
                .bind("oldest", oldest)
                .bind("limit", DELETED)
                .update();
    }
}
