package dev.narthex.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.UntrustedJson;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Stores trusted publishers. Removing one revokes the tokens issued through it. */
@ApplicationScoped
class TrustedPublisherRows {
    static final int MAX_PUBLISHERS = 200;

    private static final ObjectMapper JSON = UntrustedJson.mapper().build();
    private static final TypeReference<Map<String, NamePattern>> CLAIMS = new TypeReference<>() {};

    private static final String COLUMNS = """
            r.id, r.ecosystem, r.packages, r.issuer, cast(r.claims as text) as claims, r.created_at, r.created_by""";

    private final Database sql;
    private final AuditLog audit;

    TrustedPublisherRows(Database sql, AuditLog audit) {
        this.sql = sql;
        this.audit = audit;
    }

    /** Lists in the order of creation. */
    @Transactional
    List<TrustedPublisher.StoredTrustedPublisher> list(Cache cache) {
        return sql.statement(
                        "select " + COLUMNS + " from trust_rule r where r.cache_id = :cache order by r.id limit :limit")
                .bind("cache", cache.id())
                .bind("limit", MAX_PUBLISHERS)
                .list(TrustedPublisherRows::toStoredPublisher);
    }

    /** @param by name of the creator, as {@link Principal#name} returns it */
    @Transactional
    TrustedPublisher.StoredTrustedPublisher add(Cache cache, TrustedPublisher rule, String by) {
        // Serializes inserts for this cache, so that the limit on their number holds.
        sql.statement("select id from cache where id = :cache for no key update")
                .bind("cache", cache.id())
                .list();
        if (list(cache).size() >= MAX_PUBLISHERS) {
            throw Problem.tooLarge(
                    "rules", "A cache may have " + MAX_PUBLISHERS + " rules. Remove one, or use patterns.");
        }
        var added = sql.statement("""
                        insert into trust_rule (cache_id, ecosystem, packages, issuer, claims, created_by)
                        values (:cache, :ecosystem, :packages, :issuer, cast(:claims as jsonb), :by)
                        returning id, ecosystem, packages, issuer, cast(claims as text) as claims, created_at, created_by""")
                .bind("cache", cache.id())
                .bind("ecosystem", rule.ecosystem())
                .bind("packages", rule.packages().text())
                .bind("issuer", rule.issuer())
                .bind("claims", json(rule.claims()))
                .bind("by", by)
                .first()
                .map(TrustedPublisherRows::toStoredPublisher)
                .orElseThrow();
        audit.recordDone(AuditLog.AuditEvent.ofCache(cache, Action.CONFIGURE, "trust " + describe(rule)));
        return added;
    }

    /** Removes a trusted publisher. Returns false if it is not in this cache. */
    @Transactional
    boolean remove(Cache cache, long id) {
        var gone = sql.statement(
                        "delete from trust_rule r where r.cache_id = :cache and r.id = :id returning " + COLUMNS)
                .bind("cache", cache.id())
                .bind("id", id)
                .first();
        gone.map(TrustedPublisherRows::toStoredPublisher).ifPresent(publisher -> {
            sql.statement("""
                    update token set revoked_at = now()
                    where (id in (select token_id from token_trust_rule where rule_id = :id)
                        or (cast(origin ->> 'rule' as bigint) = :id and origin is not null))
                      and revoked_at is null and expires_at > now()""").bind("id", id).update();
            audit.recordDone(AuditLog.AuditEvent.ofCache(
                    cache, Action.CONFIGURE, "trust no more " + describe(publisher.rule())));
        });
        return gone.isPresent();
    }

    /** A trusted publisher with the name of its cache. */
    record CachePublisher(String cache, TrustedPublisher.StoredTrustedPublisher rule) {}

    /**
     * Lists the trusted publishers of an issuer and ecosystem in all caches. Deleted caches and broken trusted publishers, which
     * grant nothing, are left out.
     */
    @Transactional
    List<CachePublisher> of(String issuer, String ecosystem) {
        return sql
                .statement("select c.name as cache, " + COLUMNS
                        + " from trust_rule r join cache c on c.id = r.cache_id and c.deleted_at is null"
                        + " where r.issuer = :issuer and r.ecosystem = :ecosystem order by r.id")
                .bind("issuer", issuer)
                .bind("ecosystem", ecosystem)
                .list()
                .stream()
                .map(row -> new CachePublisher(row.string("cache"), toStoredPublisher(row)))
                .filter(placed -> placed.rule().broken().isEmpty())
                .toList();
    }

    /**
     * Links a token to trusted publishers, so that removing any of them revokes it. Call it in the transaction that creates the
     * token: a concurrent removal then waits for that transaction.
     *
     * @return false if a trusted publisher was removed in the meantime; the token must then not be created
     */
    boolean bind(long token, Collection<Long> ruleIds) {
        var present = sql.statement(
                        "select id from trust_rule where id = any(cast(:ids as bigint[])) order by id for key share")
                .bind("ids", ruleIds.toArray(Long[]::new))
                .list();
        for (var rule : present) {
            sql.statement("insert into token_trust_rule (rule_id, token_id) values (:rule, :token)")
                    .bind("rule", rule.longValue("id"))
                    .bind("token", token)
                    .update();
        }
        return present.size() == ruleIds.size();
    }

    private static String describe(TrustedPublisher rule) {
        return rule.issuer() + " " + json(rule.claims()) + " for " + rule.ecosystem() + " " + rule.packages();
    }

    private static TrustedPublisher.StoredTrustedPublisher toStoredPublisher(Row row) {
        try {
            var claims = JSON.readValue(row.string("claims"), CLAIMS);
            return new TrustedPublisher.StoredTrustedPublisher(
                    row.longValue("id"),
                    row.string("ecosystem"),
                    new NamePattern(row.string("packages")),
                    row.string("issuer"),
                    claims,
                    row.instant("created_at"),
                    row.optionalString("created_by"),
                    PublisherClaims.findFault(claims).map(Problem::detail));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String json(Map<String, NamePattern> claims) {
        try {
            return JSON.writeValueAsString(claims);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
