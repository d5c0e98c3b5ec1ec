package dev.narthex.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.narthex.db.Database;
import dev.narthex.spi.Cache;
import dev.narthex.spi.UntrustedJson;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Checks releases against the trusted publishers of their package: finds the CI run that published a release, and compares the
 * source repository of a provenance statement with the trusted publishers. The results may be shown to all readers, the trusted
 * publishers themselves may not.
 */
@ApplicationScoped
public class TrustedPublisherCheck {
    private static final int KEPT = 1000;
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();
    private static final Pattern TOKEN = Pattern.compile(Principal.Token.PREFIX + ":(\\d{1,18}):.*", Pattern.DOTALL);

    private final Database sql;
    private final TrustedPublisherRows publisherRows;

    /** Never expires: the origin of a token does not change. */
    private final LoadingCache<Long, Optional<CiRun>> runs =
            Caffeine.newBuilder().maximumSize(KEPT).build(this::origin);

    TrustedPublisherCheck(Database sql, TrustedPublisherRows publisherRows) {
        this.sql = sql;
        this.publisherRows = publisherRows;
    }

    /** How the source repository of a statement compares with the trusted publishers of a package. */
    public enum RepositoryMatch {
        /** The package has no trusted publisher. */
        NO_RULE,
        /** A trusted publisher accepts runs of this repository. */
        FITS,
        /** All trusted publishers name other repositories. */
        ANOTHER,
        /** Unknown: the statement names no repository, or a trusted publisher does not. */
        UNSAID
    }

    /** The trusted publishers that apply to one package. */
    public record PackagePublishers(List<TrustedPublisher.StoredTrustedPublisher> publishers) {
        public PackagePublishers {
            publishers = List.copyOf(publishers);
        }

        /** Returns the trusted publishers that were created before this time. */
        public List<TrustedPublisher.StoredTrustedPublisher> before(Instant at) {
            return publishers.stream()
                    .filter(rule -> rule.createdAt().isBefore(at))
                    .toList();
        }

        /** Returns whether the trusted publisher that accepted this run still exists. */
        public boolean stillExists(CiRun run) {
            return publishers.stream().anyMatch(rule -> rule.id() == run.rule());
        }

        /** @param address URL of a repository, or of a workflow in it; empty if the statement has none */
        public RepositoryMatch matchRepository(String address) {
            if (publishers.isEmpty()) {
                return RepositoryMatch.NO_RULE;
            }
            var repository = SourceRepository.parse(address);
            if (repository.isEmpty()) {
                return RepositoryMatch.UNSAID;
            }
            var allows = publishers.stream()
                    .map(rule -> rule.rule().allows(repository.get()))
                    .toList();
            if (allows.contains(Optional.of(true))) {
                return RepositoryMatch.FITS;
            }
            return allows.contains(Optional.<Boolean>empty()) ? RepositoryMatch.UNSAID : RepositoryMatch.ANOTHER;
        }
    }

    public PackagePublishers rules(Cache cache, String ecosystem, String normalized) {
        return new PackagePublishers(publisherRows.list(cache).stream()
                .filter(rule -> rule.broken().isEmpty()
                        && rule.ecosystem().equals(ecosystem)
                        && rule.packages().matches(normalized))
                .toList());
    }

    /**
     * Finds the CI run behind a principal.
     *
     * @param principal as {@link Principal#name} returned it; only the id in it is used, because labels are chosen by the creator
     *     of the token
     */
    public Optional<CiRun> run(String principal) {
        var token = TOKEN.matcher(principal);
        return token.matches() ? runs.get(Long.parseLong(token.group(1))) : Optional.empty();
    }

    private Optional<CiRun> origin(long token) {
        return sql.statement("select cast(origin as text) as origin from token where id = :id and origin is not null")
                .bind("id", token)
                .first()
                .map(row -> read(row.string("origin")));
    }

    private static CiRun read(String origin) {
        try {
            return JSON.readValue(origin, CiRun.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
