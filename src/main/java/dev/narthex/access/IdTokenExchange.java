package dev.narthex.access;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.access.IdTokenVerifier.UntrustedTokenException;
import dev.narthex.access.TrustedPublisherRows.CachePublisher;
import dev.narthex.db.Database;
import dev.narthex.spi.CiTokens;
import dev.narthex.spi.UntrustedJson;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Exchanges ID tokens of CI runs for short-lived publish tokens, if a trusted publisher of a cache allows it (the mechanism of PyPI
 * and npm). An ID token can be exchanged only once. The number of attempts per minute and address is limited.
 */
@ApplicationScoped
class IdTokenExchange implements CiTokens {
    private static final String WORDS =
            "exchanges were requested from your address within a minute. Try again in a minute.";
    private static final int MAX_LABEL_LENGTH = 100;
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();

    /** Claims that are stored with the token, so that people can see later which run published. */
    private static final List<String> TOLD = List.of(
            "repository",
            "project_path",
            "workflow_ref",
            "job_workflow_ref",
            "ci_config_ref_uri",
            "ref",
            "sha",
            "run_id",
            "pipeline_id",
            "environment");

    private final IdTokenVerifier idTokens;
    private final TrustedPublisherRows publisherRows;
    private final Tokens tokens;
    private final AuditLog audit;
    private final Caller caller;
    private final Database sql;
    private final TrustedPublishingConfig config;
    private final PerMinuteCounter requestsPerMinute;
    private final String audience;

    IdTokenExchange(
            IdTokenVerifier idTokens,
            TrustedPublisherRows publisherRows,
            Tokens tokens,
            AuditLog audit,
            Caller caller,
            Database sql,
            TrustedPublishingConfig config,
            @ConfigProperty(name = "narthex.url") String url) {
        this.idTokens = idTokens;
        this.publisherRows = publisherRows;
        this.tokens = tokens;
        this.audit = audit;
        this.caller = caller;
        this.sql = sql;
        this.config = config;
        this.requestsPerMinute = new PerMinuteCounter(config.perMinute());
        this.audience = URI.create(url).getAuthority();
    }

    @Override
    public String audience() {
        return audience;
    }

    @Override
    public ExchangeResult exchange(String idToken, String wanted, String ecosystem, Optional<String> normalized) {
        requestsPerMinute.increment(caller.address(), WORDS);
        try {
            var run = idTokens.read(idToken, wanted);
            var fitting = matchingPublishers(run, wanted, ecosystem, normalized);
            var caches = fitting.stream().map(CachePublisher::cache).distinct().toList();
            if (caches.isEmpty()) {
                throw new UntrustedTokenException(
                        UNKNOWN_RUN,
                        "No cache has a trusted publisher that matches this run. Owners of a cache add one on its settings page"
                                + " of the cache.");
            }
            if (caches.size() > 1) {
                throw new UntrustedTokenException(
                        UNKNOWN_RUN,
                        "Several caches have a trusted publisher that matches this run. Request an ID token with the audience "
                                + wanted + "/ and the name of the cache.");
            }
            var packages = normalized
                    .map(name -> List.of(new NamePattern(name)))
                    .orElseGet(() -> fitting.stream()
                            .map(publisher -> publisher.rule().packages())
                            .distinct()
                            .toList());
            var scope = new Scope(
                    false,
                    List.of(new NamePattern(caches.getFirst())),
                    List.of(new NamePattern(ecosystem)),
                    packages,
                    Set.of(Action.PUBLISH));
            return issueToken(
                    run,
                    scope,
                    fitting.stream().map(publisher -> publisher.rule().id()).toList());
        } catch (UntrustedTokenException e) {
            audit.recordDenied(AuditLog.AuditEvent.ofInstance("exchange", ""));
            return new ExchangeResult.Denied(e.code(), e.publicMessage());
        }
    }

    /** Returns the matching trusted publishers of all caches, or of the cache that the audience of the ID token names. */
    private List<CachePublisher> matchingPublishers(
            CiIdentity run, String wanted, String ecosystem, Optional<String> normalized) {
        var caches = run.audiences().stream()
                .filter(one -> one.startsWith(wanted + "/"))
                .map(one -> one.substring(wanted.length() + 1))
                .toList();
        return publisherRows.of(run.issuer(), ecosystem).stream()
                .filter(publisher -> caches.isEmpty() || caches.contains(publisher.cache()))
                .filter(publisher ->
                        normalized.map(publisher.rule().packages()::matches).orElse(true))
                .filter(publisher -> publisher.rule().rule().matches(run))
                .toList();
    }

    private ExchangeResult issueToken(CiIdentity run, Scope scope, List<Long> ruleIds) throws UntrustedTokenException {
        var until = Instant.now().plus(config.life());
        var newToken = new Tokens.NewToken(label(run), scope, Optional.empty(), Optional.of(until));
        var made = QuarkusTransaction.requiringNew().call(() -> {
            if (!markUsed(run)) {
                return Optional.<String>empty();
            }
            var token = tokens.create(newToken, Optional.of(origin(run, ruleIds.getFirst())));
            if (!publisherRows.bind(token.row().id, ruleIds)) {
                QuarkusTransaction.setRollbackOnly();
                return Optional.<String>empty();
            }
            return Optional.of(token.text());
        });
        return new ExchangeResult.Granted(
                made.orElseThrow(() -> new UntrustedTokenException(
                        "invalid-token",
                        "This ID token was exchanged before, or a rule was removed meanwhile. Request another one.")),
                until);
    }

    /** Marks the ID token as used; returns false if it was used before. */
    private boolean markUsed(CiIdentity run) {
        sql.statement("delete from spent_identity where expires_at < now() - interval '1 hour'")
                .update();
        return sql.statement("""
                        insert into spent_identity (issuer, number, expires_at) values (:issuer, :number, :until)
                        on conflict do nothing""")
                        .bind("issuer", run.issuer())
                        .bind("number", run.number())
                        .bind("until", run.until())
                        .update()
                == 1;
    }

    private static String label(CiIdentity run) {
        var text = ("CI " + run.subject()).replaceAll("\\p{C}", "\ufffd");
        return text.substring(0, Math.min(MAX_LABEL_LENGTH, text.length()));
    }

    /** Returns the JSON that is stored with the token: the trusted publisher that allowed it, and the claims of the run. */
    private static String origin(CiIdentity run, long rule) {
        var origin = JSON.createObjectNode()
                .put("rule", rule)
                .put("issuer", run.issuer())
                .put("subject", run.subject());
        var claims = origin.putObject("claims");
        TOLD.forEach(name -> run.claim(name).ifPresent(text -> claims.put(name, text)));
        return origin.toString();
    }
}
