package dev.narthex.access;

import java.util.Map;

/**
 * The CI run that published a release. All fields come from an ID token that was verified by this server.
 *
 * @param rule id of the trusted publisher that accepted the run
 * @param subject claim {@code sub}
 * @param claims other claims that locate the run, see {@link IdTokenExchange}
 */
public record CiRun(long rule, String issuer, String subject, Map<String, String> claims) {
    public CiRun {
        claims = Map.copyOf(claims);
    }

    /** Returns the first of these claims that is present, else an empty text. */
    public String claim(String... names) {
        for (var name : names) {
            if (claims.containsKey(name)) {
                return claims.getOrDefault(name, "");
            }
        }
        return "";
    }

    /** Returns the repository of the run, else its subject. */
    public String repositoryOrSubject() {
        var repository = claim("repository", "project_path");
        return repository.isEmpty() ? subject : repository;
    }

    /** Returns whether this address names the run's repository, or something in it. False if it names no repository. */
    public boolean belongsTo(String address) {
        var own = claim("repository", "project_path");
        return SourceRepository.parse(address)
                .filter(repository ->
                        repository.isIssuedBy(issuer) && repository.path().equals(own))
                .isPresent();
    }
}
