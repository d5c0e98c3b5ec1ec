package dev.narthex.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.narthex.problem.Problem;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A trusted publisher: says which CI runs may publish which packages of a cache.
 *
 * @param ecosystem id of the ecosystem
 * @param packages normalized names
 * @param issuer issuer of the ID tokens
 * @param claims claims that the ID token must have; a pattern matches the whole value or its beginning
 */
public record TrustedPublisher(String ecosystem, NamePattern packages, String issuer, Map<String, NamePattern> claims) {
    private static final int MAX_CLAIMS = 20;

    /** Claims with the name of a repository. A subject has the name after {@code repo:} or {@code project_path:}. */
    private static final List<String> REPOSITORIES = List.of("repository", "project_path");

    private static final Pattern SUBJECT = Pattern.compile("(?:repo|project_path):([^:*]+)(?::.*|(\\*))");

    public TrustedPublisher {
        claims = Map.copyOf(claims);
    }

    /**
     * A stored trusted publisher.
     *
     * @param broken why it grants nothing; set if it was stored before its claims were checked as strictly as today
     */
    public record StoredTrustedPublisher(
            long id,
            String ecosystem,
            NamePattern packages,
            String issuer,
            Map<String, NamePattern> claims,
            Instant createdAt,
            Optional<String> createdBy,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> broken) {
        TrustedPublisher rule() {
            return new TrustedPublisher(ecosystem, packages, issuer, claims);
        }
    }

    /**
     * Request body: a trusted publisher to create.
     *
     * @param packages a name, or a prefix followed by a star; all packages by default
     */
    public record TrustedPublisherRequest(
            Optional<String> ecosystem,
            Optional<String> packages,
            Optional<String> issuer,
            Optional<Map<String, String>> claims) {
        /**
         * Validates the request.
         *
         * @throws dev.narthex.problem.ProblemException Malformed, Mismatch, TooLarge
         */
        TrustedPublisher validate(List<String> ecosystems, List<String> issuers) {
            return new TrustedPublisher(
                    requireKnown("ecosystem", ecosystem.orElse(""), ecosystems),
                    NamePattern.parse(
                            "packages",
                            packages.map(String::strip)
                                    .filter(p -> !p.isEmpty())
                                    .orElse("*")),
                    requireKnown("issuer", issuer.orElse("").strip(), issuers),
                    claims(claims.orElse(Map.of())));
        }

        private static String requireKnown(String field, String given, List<String> known) {
            if (!known.contains(given)) {
                var hint = known.isEmpty()
                        ? "an admin of this server must name the issuers first (--trusted-issuers)."
                        : "use one of these: " + String.join(", ", known) + ".";
                throw Problem.malformed(field, given, hint);
            }
            return given;
        }

        private static Map<String, NamePattern> claims(Map<String, String> given) {
            if (given.size() > MAX_CLAIMS) {
                throw Problem.tooLarge("claims", "A rule may have " + MAX_CLAIMS + " claims.");
            }
            var parsed = new LinkedHashMap<String, NamePattern>();
            given.forEach((name, value) -> parsed.put(
                    NamePattern.parse("claims", name).text(),
                    NamePattern.parse(
                            "claims", Optional.ofNullable(value).orElse("").strip())));
            PublisherClaims.findFault(parsed).ifPresent(fault -> {
                throw fault.toException();
            });
            return parsed;
        }
    }

    /** @param run must be of this trusted publisher's issuer */
    boolean matches(CiIdentity run) {
        return claims.entrySet().stream()
                .allMatch(claim -> run.claim(claim.getKey())
                        .filter(claim.getValue()::matches)
                        .isPresent());
    }

    /**
     * Returns whether the accepted runs may come from this repository.
     *
     * @return empty if the claims do not name a repository
     */
    Optional<Boolean> allows(SourceRepository repository) {
        var names = Stream.concat(
                        REPOSITORIES.stream().flatMap(claim -> Optional.ofNullable(claims.get(claim)).stream()),
                        Optional.ofNullable(claims.get("sub")).flatMap(TrustedPublisher::ofSubject).stream())
                .toList();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(repository.isIssuedBy(issuer)
                        && names.stream().allMatch(name -> name.matches(repository.path())));
    }

    private static Optional<NamePattern> ofSubject(NamePattern subject) {
        var matcher = SUBJECT.matcher(subject.text());
        return matcher.matches()
                ? Optional.of(new NamePattern(matcher.group(1) + (matcher.group(2) == null ? "" : "*")))
                : Optional.empty();
    }
}
