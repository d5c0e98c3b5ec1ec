package dev.narthex.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.spi.Cache;
import dev.narthex.spi.UntrustedJson;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What rules of trusted publishing tell of a release: which CI run published it, and whether what somebody says of its source
 * fits the rules of its package. Readers are told that, and not what the rules are.
 */
@ApplicationScoped
public class Provenance {
    private static final int KEPT = 1000;
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();
    private static final Pattern TOKEN = Pattern.compile(Principal.Token.PREFIX + ":(\\d{1,18}):.*", Pattern.DOTALL);

    private final Sql sql;
    private final TrustRules rules;

    /** A token is made by a run or not, for ever. */
    private final LoadingCache<Long, Optional<PublishingRun>> runs =
            Caffeine.newBuilder().maximumSize(KEPT).build(this::origin);

    Provenance(Sql sql, TrustRules rules) {
        this.sql = sql;
        this.rules = rules;
    }

    /** How what a statement says of its source fits the rules of a package. */
    public enum Fit {
        /** No rule is for this package. */
        NO_RULE,
        /** One lets in runs of the repository that it names. */
        FITS,
        /** All are about other repositories. */
        ANOTHER,
        /** It names no repository, or a rule does not. */
        UNSAID
    }

    /** Rules for one package. */
    public record Rules(List<TrustRule.Kept> kept) {
        public Rules {
            kept = List.copyOf(kept);
        }

        /** Those that were there then. */
        public List<TrustRule.Kept> before(Instant at) {
            return kept.stream().filter(rule -> rule.createdAt().isBefore(at)).toList();
        }

        /** Whether the rule by which this run was let in is still there. */
        public boolean stands(PublishingRun run) {
            return kept.stream().anyMatch(rule -> rule.id() == run.rule());
        }

        /** @param address of a repository, or of a workflow in one; empty if none is named */
        public Fit fit(String address) {
            if (kept.isEmpty()) {
                return Fit.NO_RULE;
            }
            var named = Repository.parse(address);
            if (named.isEmpty()) {
                return Fit.UNSAID;
            }
            var allows =
                    kept.stream().map(rule -> rule.rule().allows(named.get())).toList();
            if (allows.contains(Optional.of(true))) {
                return Fit.FITS;
            }
            return allows.contains(Optional.<Boolean>empty()) ? Fit.UNSAID : Fit.ANOTHER;
        }
    }

    public Rules rules(Cache cache, String ecosystem, String normalised) {
        return new Rules(rules.list(cache).stream()
                .filter(rule -> rule.broken().isEmpty()
                        && rule.ecosystem().equals(ecosystem)
                        && rule.packages().matches(normalised))
                .toList());
    }

    /**
     * The CI run that this was.
     *
     * @param principal as {@link Principal#name} gave it; only the id in it counts, since whoever makes a token may label it
     *     as he likes
     */
    public Optional<PublishingRun> run(String principal) {
        var token = TOKEN.matcher(principal);
        return token.matches() ? runs.get(Long.parseLong(token.group(1))) : Optional.empty();
    }

    private Optional<PublishingRun> origin(long token) {
        return sql.first(
                        "select cast(origin as text) as origin from token where id = :id and origin is not null",
                        Map.of("id", token))
                .map(row -> read(row.text("origin")));
    }

    private static PublishingRun read(String origin) {
        try {
            return JSON.readValue(origin, PublishingRun.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
