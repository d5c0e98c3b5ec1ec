package dev.narthex.access;

import java.util.Map;

/**
 * The CI run that published something. Its issuer vouched for all of this in an ID token that was verified here.
 *
 * @param rule id of the rule that let it in
 * @param subject claim {@code sub}
 * @param claims some others: where the run is, see {@link Exchange}
 */
public record PublishingRun(long rule, String issuer, String subject, Map<String, String> claims) {
    public PublishingRun {
        claims = Map.copyOf(claims);
    }

    /** The first of these claims that it has; empty if it has none. */
    public String claim(String... names) {
        for (var name : names) {
            if (claims.containsKey(name)) {
                return claims.getOrDefault(name, "");
            }
        }
        return "";
    }

    /** Its repository, else what its issuer calls it. */
    public String place() {
        var repository = claim("repository", "project_path");
        return repository.isEmpty() ? subject : repository;
    }

    /** Whether a statement speaks of this run's repository, whatever of it; false, too, if it names none. */
    public boolean isOf(String address) {
        var own = claim("repository", "project_path");
        return Repository.parse(address)
                .filter(named -> named.isOf(issuer) && named.path().equals(own))
                .isPresent();
    }
}
