package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Rules by which CI runs publish, for programs and for pages. Whether somebody may see and change them is judged before. */
@ApplicationScoped
public class TrustedRuns {
    private final TrustRules rules;
    private final Issuers issuers;
    private final Exchange exchange;
    private final Access access;
    private final List<String> ecosystems;

    TrustedRuns(TrustRules rules, Issuers issuers, Exchange exchange, Access access, @All List<Ecosystem> ecosystems) {
        this.rules = rules;
        this.issuers = issuers;
        this.exchange = exchange;
        this.access = access;
        this.ecosystems = ecosystems.stream().map(Ecosystem::id).sorted().toList();
    }

    /** Among which rules choose; none if no admin has named any. */
    public List<String> issuers() {
        return issuers.trusted();
    }

    /** For whom runs ask for ID tokens. */
    public String audience() {
        return exchange.audience();
    }

    public List<TrustRule.Kept> list(Cache cache) {
        return rules.list(cache);
    }

    /** @throws dev.narthex.problem.ProblemException Malformed, Mismatch, TooLarge */
    public TrustRule.Kept add(Cache cache, TrustRule.Wanted wanted) {
        return rules.add(cache, wanted.judged(ecosystems, issuers.trusted()), access.principal());
    }

    /** @throws dev.narthex.problem.ProblemException NotFound */
    public void remove(Cache cache, long id) {
        if (!rules.remove(cache, id)) {
            throw new Problem.NotFound("rule", Long.toString(id)).asException();
        }
    }
}
