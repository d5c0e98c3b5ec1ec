package dev.narthex.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narthex.spi.Cache;
import dev.narthex.sql.Sql;
import io.quarkus.arc.Arc;
import io.quarkus.logging.Log;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who did what, by what credential, from where: every write, in its own transaction, and every write that was refused. Reads
 * are not entered, and never a secret. What a client sends in several requests, as a path is, is one entry.
 *
 * <p>Refusals are bounded, since anybody can cause them: the same one again within a minute is not entered again, and of
 * callers without a valid credential only one a minute from each address.
 */
@ApplicationScoped
public class Audit {
    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final int MOST_REFUSALS = 10_000;
    private static final int LONGEST = 300;
    private static final String ITSELF = "narthex";

    private final Sql sql;
    private final Caller caller;
    private final CurrentVertxRequest request;
    private final com.github.benmanes.caffeine.cache.Cache<List<String>, Boolean> refusals = Caffeine.newBuilder()
            .maximumSize(MOST_REFUSALS)
            .expireAfterWrite(AGAIN)
            .build();

    Audit(Sql sql, Caller caller, CurrentVertxRequest request) {
        this.sql = sql;
        this.caller = caller;
        this.request = request;
    }

    /**
     * Something that was done or refused.
     *
     * @param cache name of the cache that it is about; with an id if there is one
     * @param action a word of {@link Action}, or one of the instance's own
     * @param object what it was done to: a store path, a member, an address
     */
    public record Act(Optional<Long> cacheId, String cache, String action, String object) {
        public static Act in(Cache cache, Action action, String object) {
            return new Act(Optional.of(cache.id()), cache.name(), action.toString(), object);
        }

        public static Act ofInstance(String action, String object) {
            return new Act(Optional.empty(), "", action, object);
        }
    }

    /** Of the request's principal, in the caller's transaction: it is entered if and only if that commits. */
    @Transactional(TxType.MANDATORY)
    public void done(Act act) {
        enter(act, true, ITSELF);
    }

    /** @param by who does it if no request does, as {@link Principal#name} gives it */
    @Transactional(TxType.MANDATORY)
    public void done(Act act, String by) {
        enter(act, true, by);
    }

    /** Like {@link #done}, of what was not done although the principal had the right. */
    @Transactional(TxType.MANDATORY)
    public void refused(Act act, String by) {
        enter(act, false, by);
    }

    /** What the request's principal had no right to, with the address that he asked as its object. That it cannot be entered is no reason to answer otherwise. */
    void denied(Act act) {
        var who = caller.principal();
        boolean known = who.admin() || who instanceof Principal.Token || who instanceof Principal.Person;
        var key = List.of(who.name(), caller.address(), act.action(), known ? act.cache() : "");
        if (refusals.asMap().putIfAbsent(key, true) != null) {
            return;
        }
        var asked = new Act(act.cacheId(), act.cache(), act.action(), caller.path());
        try {
            QuarkusTransaction.requiringNew().run(() -> enter(asked, false, ITSELF));
        } catch (RuntimeException e) {
            Log.warnf("a refusal cannot be entered into the audit: %s", e.getMessage());
        }
    }

    private void enter(Act act, boolean allowed, String by) {
        boolean asked = Arc.container().requestContext().isActive() && request.getCurrent() != null;
        sql.change(
                """
                insert into audit (cache_id, actor, via, action, object, allowed, address, detail)
                values (cast(nullif(:cacheId, 0) as bigint), :actor, :via, :action, :object, :allowed,
                  cast(nullif(:address, '') as inet), case when :cache <> '' then jsonb_build_object('cache', cast(:cache as text)) end)""",
                Map.of(
                        "cacheId", act.cacheId().orElse(0L),
                        "actor", clean(asked ? actor() : by),
                        "via", clean(asked ? via() : ITSELF),
                        "action", act.action(),
                        "object", clean(act.object()),
                        "allowed", allowed,
                        "address", asked ? caller.address() : "",
                        "cache", clean(act.cache())));
    }

    /** Whoever acts through a token that was made for him, else the token. */
    private String actor() {
        var who = caller.principal();
        return who.person().map(Principal.Person::name).orElseGet(who::name);
    }

    private String via() {
        return switch (caller.principal()) {
            case Principal.Anonymous anonymous -> "nothing";
            case Principal.Invalid invalid -> "invalid credential";
            case Principal.Person person -> "session";
            case Principal.Token token -> token.name();
        };
    }

    private static String clean(String text) {
        var printable = text.replaceAll("\\p{C}", "\ufffd");
        return printable.substring(0, Math.min(LONGEST, printable.length()));
    }
}
