package dev.narthex.access;

import static java.util.Map.entry;

import dev.narthex.problem.Problem;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks the claims of a trusted publisher that identify who may publish. Anyone can own a repository at a public CI provider, so
 * these claims must not match names that others can choose: {@code harbour*} would match {@code harbour-evil/x}, and
 * {@code harbour/lantern*} a fork in a group of that name.
 *
 * <ul>
 *   <li>A star is allowed only after a whole segment that follows the owner: {@code harbour/*}, {@code repo:harbour/lantern:*}.
 *   <li>Owners and ids are written in full.
 *   <li>One claim must identify the repository. {@code job_workflow_ref} and {@code ci_config_ref_uri} do not: they identify
 *       the workflow file, which runs of other repositories may use. {@code repository_owner} and {@code namespace_path}
 *       identify only the owner.
 * </ul>
 *
 * <p>Sources: GitHub "OpenID Connect reference", GitLab "OpenID Connect (OIDC) authentication using ID tokens".
 */
final class PublisherClaims {
    private static final String STRANGERS =
            "this also matches names that others can choose. “*” may follow only the owner" + " and whole segments. ";

    private static final Pattern REPOSITORY = Pattern.compile("[^/]+/.+");
    private static final Set<String> REPOSITORIES = Set.of("repository", "project_path");
    private static final Set<String> REPOSITORY_IDS = Set.of("repository_id", "project_id");

    /**
     * The allowed form of a claim that ends with a star.
     *
     * @param star pattern for the whole value
     * @param hint how to write the value, for the error
     */
    private record ClaimFormat(Pattern star, String hint) {
        static ClaimFormat of(String star, String hint) {
            return new ClaimFormat(Pattern.compile(star), hint);
        }
    }

    private static final ClaimFormat WHOLE = ClaimFormat.of("(?!)", "Write it in full, without “*”.");
    private static final ClaimFormat NAME = ClaimFormat.of(
            "[^/*]+/(?:[^*]*/)?\\*", "Write it as “harbour/lantern”, or “harbour/*” for all repositories of harbour.");
    private static final ClaimFormat WORKFLOW = ClaimFormat.of(
            "[^/*]+/(?:[^*]*[/@])?\\*", "Write it in full, or end it with “*” as in “harbour/lantern/*”.");

    private static final Map<String, ClaimFormat> FORMS = Map.ofEntries(
            entry("repository", NAME),
            entry("project_path", NAME),
            entry("namespace_path", NAME),
            entry("workflow_ref", WORKFLOW),
            entry("job_workflow_ref", WORKFLOW),
            entry(
                    "ci_config_ref_uri", // the host precedes the owner
                    ClaimFormat.of(
                            "[^/*]+/[^/*]+/(?:[^*]*[/@])?\\*",
                            "Write it in full, or end it with “*” as in “gitlab.example.org/harbour/lantern/*”.")),
            entry(
                    "sub",
                    ClaimFormat.of(
                            "(?:repo|project_path):[^/:*]+/(?:[^*]*[/:])?\\*",
                            "Write it as “repo:harbour/lantern:*” or “project_path:harbour/lantern:*”, and other subjects in"
                                    + " full.")),
            entry("repository_id", WHOLE),
            entry("project_id", WHOLE),
            entry("repository_owner", WHOLE),
            entry("repository_owner_id", WHOLE),
            entry("namespace_id", WHOLE),
            entry("enterprise", WHOLE),
            entry("enterprise_id", WHOLE),
            entry("actor", WHOLE),
            entry("actor_id", WHOLE),
            entry("user_login", WHOLE),
            entry("user_id", WHOLE),
            entry("user_email", WHOLE),
            entry("email", WHOLE),
            entry("azp", WHOLE),
            entry("client_id", WHOLE));

    private static final Pattern REPOSITORY_SUBJECT = Pattern.compile("(?:repo|project_path):[^/:]+/.+");

    /**
     * Subjects that GitHub repositories can configure from claims that do not identify them, such as {@code environment:release}:
     * any other repository can produce the same subject.
     */
    private static final Pattern CHOSEN_SUBJECT = Pattern.compile("(?:actor|actor_id|base_ref|context|environment|"
            + "event_name|head_ref|job_workflow_ref|ref|ref_type|repository_owner|repository_owner_id|"
            + "repository_visibility|runner_environment|workflow|workflow_ref|enterprise|enterprise_id):.*");

    private PublisherClaims() {}

    /** Returns the first error in the claims of a trusted publisher. */
    static Optional<Problem> findFault(Map<String, NamePattern> claims) {
        return claims.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(claim -> findFault(claim.getKey(), claim.getValue().text()).stream())
                .findFirst()
                .or(() -> claims.entrySet().stream().anyMatch(PublisherClaims::namesRepository)
                        ? Optional.empty()
                        : Optional.of(new Problem.Mismatch(
                                "claims",
                                "A trusted publisher needs a claim that identifies the repository. Add one of repository"
                                        + " (“harbour/lantern”), project_path (“harbour/lantern”), repository_id, project_id"
                                        + " and sub.")));
    }

    private static Optional<Problem> findFault(String claim, String value) {
        var form = Optional.ofNullable(FORMS.get(claim));
        if (value.endsWith("*")) {
            return form.filter(format -> !format.star().matcher(value).matches())
                    .map(format -> malformed(claim, value, STRANGERS + format.hint()));
        }
        return REPOSITORIES.contains(claim) && !REPOSITORY.matcher(value).matches()
                ? Optional.of(malformed(claim, value, "this names no repository. " + NAME.hint()))
                : Optional.empty();
    }

    private static Problem malformed(String claim, String value, String why) {
        return new Problem.Malformed("claims", claim + " = " + value, why);
    }

    private static boolean namesRepository(Map.Entry<String, NamePattern> claim) {
        var name = claim.getKey();
        var value = claim.getValue().text();
        return REPOSITORIES.contains(name)
                || REPOSITORY_IDS.contains(name)
                || (name.equals("sub")
                        && (REPOSITORY_SUBJECT.matcher(value).matches()
                                || !CHOSEN_SUBJECT.matcher(value).matches()));
    }
}
