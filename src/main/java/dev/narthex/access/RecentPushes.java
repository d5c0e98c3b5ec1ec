package dev.narthex.access;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Lists recent pushes and publishes of the person who makes this request, including those by their tokens, from the audit log. */
@ApplicationScoped
public class RecentPushes {
    private final Database sql;
    private final Access access;

    RecentPushes(Database sql, Access access) {
        this.sql = sql;
        this.access = access;
    }

    /**
     * A push or publish.
     *
     * @param object base name of the store path, or the object of the audit entry in general
     */
    public record RecentPush(Instant at, String cache, String object) {}

    /** Lists the newest first. */
    public List<RecentPush> newest(int limit) {
        return access.requireAuthenticated()
                .person()
                .map(person -> newest(person, limit))
                .orElse(List.of());
    }

    private List<RecentPush> newest(Principal.Person person, int limit) {
        var parameters = Map.of(
                "actor",
                person.name(),
                "push",
                Action.PUSH.toString(),
                "publish",
                Action.PUBLISH.toString(),
                "limit",
                limit);
        return sql.statement("""
                        select at, coalesce(detail ->> 'cache', '') as cache, object from audit
                        where actor = :actor and action in (:push, :publish) and allowed
                        order by id desc limit :limit""")
                .bindAll(parameters)
                .list(row -> new RecentPush(row.instant("at"), row.string("cache"), row.string("object")));
    }
}
