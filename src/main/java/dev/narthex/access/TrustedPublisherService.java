package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Ecosystem;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Manages the trusted publishers of a cache, for the API and the pages. Callers have checked the rights of the principal. */
@ApplicationScoped
public class TrustedPublisherService {
    private final TrustedPublisherRows publisherRows;
    private final IdTokenVerifier idTokens;
    private final IdTokenExchange exchange;
    private final Access access;
    private final List<String> ecosystems;

    TrustedPublisherService(
            TrustedPublisherRows publisherRows,
            IdTokenVerifier idTokens,
            IdTokenExchange exchange,
            Access access,
            @All List<Ecosystem> ecosystems) {
        this.publisherRows = publisherRows;
        this.idTokens = idTokens;
        this.exchange = exchange;
        this.access = access;
        this.ecosystems = ecosystems.stream().map(Ecosystem::id).sorted().toList();
    }

    /** Returns the issuers that trusted publishers can use; empty if no admin has configured any. */
    public List<String> issuers() {
        return idTokens.trustedIssuers();
    }

    /** Returns the audience that CI runs must request for their ID tokens. */
    public String audience() {
        return exchange.audience();
    }

    public List<TrustedPublisher.StoredTrustedPublisher> list(Cache cache) {
        return publisherRows.list(cache);
    }

    /** @throws dev.narthex.problem.ProblemException Malformed, Mismatch, TooLarge */
    public TrustedPublisher.StoredTrustedPublisher add(Cache cache, TrustedPublisher.TrustedPublisherRequest request) {
        return publisherRows.add(cache, request.validate(ecosystems, idTokens.trustedIssuers()), access.principal());
    }

    /** @throws dev.narthex.problem.ProblemException NotFound */
    public void remove(Cache cache, long id) {
        if (!publisherRows.remove(cache, id)) {
            throw Problem.notFound("rule", Long.toString(id));
        }
    }
}
