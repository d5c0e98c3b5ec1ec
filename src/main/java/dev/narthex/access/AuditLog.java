package dev.narthex.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.db.Database;
import dev.narthex.spi.Cache;
import io.quarkus.arc.Arc;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The audit log: records who did what, with which credential and from which address. Writes are recorded in their own transaction;
 * refused writes are recorded too. Reads and secrets are never recorded. A push of a path, which takes several requests, is one
 * entry.
 *
 * <p>Anyone can cause refusals, so their number is bounded: an identical refusal is recorded at most once a minute, and refusals of
 * clients without a valid credential at most once a minute per address and action.
 */
@ApplicationScoped
public class AuditLog {
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final int MAX_REFUSALS = 10_000;
    private static final int MAX_LENGTH = 300;
    private static final String ITSELF = "narthex";

    private final Database sql;
    private final Caller caller;
    private final CurrentVertxRequest request;
    private final com.github.benmanes.caffeine.cache.Cache<List<String>, Boolean> refusals = Caffeine.newBuilder()
            .maximumSize(MAX_REFUSALS)
            .expireAfterWrite(AGAIN)
            .build();

    AuditLog(Database sql, Caller caller, CurrentVertxRequest request) {
        this.sql = sql;
        this.caller = caller;
        this.request = request;
    }

    /**
     * An act that was done or refused.
     *
     * @param cacheId id of the cache, if the cache exists
     * @param cache name of the cache; empty for acts on the instance
     * @param action a word of {@link Action}, or one of the instance's own
     * @param object the target of the act: a store path, a member, an address
     */
    public record AuditEvent(Optional<Long> cacheId, String cache, String action, String object) {
        public static AuditEvent ofCache(Cache cache, Action action, String object) {
            return new AuditEvent(Optional.of(cache.id()), cache.name(), action.toString(), object);
        }

        public static AuditEvent ofInstance(String action, String object) {
            return new AuditEvent(Optional.empty(), "", action, object);
        }
    }

    /** Records an act of the request's principal in the caller's transaction: the entry is committed or rolled back with it. */
    @Transactional(TxType.MANDATORY)
    public void recordDone(AuditEvent act) {
        record(act, true, ITSELF);
    }

    /** @param by name of the principal if no request is active, as {@link Principal#name} returns it */
    @Transactional(TxType.MANDATORY)
    public void recordDone(AuditEvent act, String by) {
        record(act, true, by);
    }

    /** Like {@link #recordDone}, but records an act that was rejected although the principal had the right. */
    @Transactional(TxType.MANDATORY)
    public void recordRefused(AuditEvent act, String by) {
        record(act, false, by);
    }

    /**
     * Records that the request's principal lacked the right for an act. The object of the entry is the requested path. If the entry
     * cannot be written, a warning is logged and the request is refused all the same.
     */
    void recordDenied(AuditEvent act) {
        var principal = caller.principal();
        boolean known =
                principal.admin() || principal instanceof Principal.Token || principal instanceof Principal.Person;
        var key = List.of(principal.name(), caller.address(), act.action(), known ? act.cache() : "");
        if (refusals.asMap().putIfAbsent(key, true) != null) {
            return;
        }
        var event = new AuditEvent(act.cacheId(), act.cache(), act.action(), caller.path());
        try {
            QuarkusTransaction.requiringNew().run(() -> record(event, false, ITSELF));
        } catch (RuntimeException e) {
            Log.warnf("a refusal cannot be entered into the audit: %s", e.getMessage());
        }
    }

    private void record(AuditEvent act, boolean allowed, String by) {
        boolean asked = Arc.container().requestContext().isActive() && request.getCurrent() != null;
        sql.statement("""
                insert into audit (cache_id, actor, via, action, object, allowed, address, detail)
                values (cast(nullif(:cacheId, 0) as bigint), :actor, :via, :action, :object, :allowed,
                  cast(nullif(:address, '') as inet), case when :cache <> '' then jsonb_build_object('cache', cast(:cache as text)) end)""")
                .bind("cacheId", act.cacheId().orElse(0L))
                .bind("actor", clean(asked ? actor() : by))
                .bind("via", clean(asked ? credentialKind() : ITSELF))
                .bind("action", act.action())
                .bind("object", clean(act.object()))
                .bind("allowed", allowed)
                .bind("address", asked ? caller.address() : "")
                .bind("cache", clean(act.cache()))
                .update();
    }

    /** Returns the owner of the token, or the token itself if it has no owner. */
    private String actor() {
        var principal = caller.principal();
        return principal.person().map(Principal.Person::name).orElseGet(principal::name);
    }

    private String credentialKind() {
        return switch (caller.principal()) {
            case Principal.Anonymous anonymous -> "nothing";
            case Principal.Invalid invalid -> "invalid credential";
            case Principal.Person person -> "session";
            case Principal.Token token -> token.name();
        };
    }

    private static String clean(String text) {
        var printable = text.replaceAll("\\p{C}", "\ufffd");
        return printable.substring(0, Math.min(MAX_LENGTH, printable.length()));
    }
}
