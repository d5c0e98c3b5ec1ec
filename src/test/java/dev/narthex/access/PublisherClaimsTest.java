package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.Problem;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublisherClaimsTest {
    private static Optional<Problem> fault(String claims) {
        Map<String, NamePattern> parsed = Arrays.stream(claims.split(" "))
                .map(claim -> claim.split("=", 2))
                .collect(Collectors.toMap(claim -> claim[0], claim -> new NamePattern(claim[1])));
        return PublisherClaims.findFault(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "repository=harbour/lantern",
                "repository=harbour/*",
                "repository=harbour/lantern ref=refs/tags/v*",
                "repository=harbour/lantern environment=*",
                "repository=harbour/lantern job_workflow_ref=harbour/ci/.github/workflows/release.yml@*",
                "repository=harbour/lantern workflow_ref=harbour/lantern/.github/workflows/*",
                "repository_id=4711",
                "project_path=harbour/fleet/lantern",
                "project_path=harbour/fleet/*",
                "project_path=harbour/* ci_config_ref_uri=gitlab.example.org/harbour/lantern//.gitlab-ci.yml@*",
                "project_id=42 namespace_path=harbour/*",
                "sub=repo:harbour/lantern:*",
                "sub=repo:harbour/lantern:ref:refs/heads/main",
                "sub=repo:harbour/lantern:ref:refs/tags/*",
                "sub=repo:harbour/*",
                "sub=project_path:harbour/lantern:ref_type:branch:*",
                "sub=5b7c1f6e-0c58-4d8a-9d2c-5d0a1c3f9f10",
                "sub=system:serviceaccount:ci:publisher",
                "sub=environment:release repository=harbour/lantern",
            })
    void claimsOfOnePublisherAreAccepted(String claims) {
        assertEquals(Optional.empty(), fault(claims).map(Problem::detail));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "repository=*",
                "repository=harbour*",
                "repository=harbour/lantern*",
                "repository=/*",
                "project_path=harbour*",
                "project_path=harbour/fleet*",
                "sub=*",
                "sub=repo:*",
                "sub=repo:harbour*",
                "sub=repo:harbour:*",
                "sub=repo:harbour/lantern*",
                "sub=repo:harbour/lantern:ref:refs/tags/v*",
                "sub=project_path:harbour*",
                "sub=service-account-*",
                "sub=system:serviceaccount:ci:*",
                "repository_id=4*",
                "project_id=*",
                "repository=harbour/lantern repository_owner=harbour*",
                "repository=harbour/lantern workflow_ref=harbour/lantern/.github/workflows/rel*",
                "repository=harbour/lantern job_workflow_ref=harbour*",
                "project_path=harbour/lantern namespace_path=harb*",
                "project_path=harbour/lantern ci_config_ref_uri=gitlab.example.org/harb*",
                "project_path=harbour/lantern ci_config_ref_uri=gitlab.example.org/*",
            })
    void wildcardThatAdmitsOtherRepositoriesIsRefused(String claims) {
        var fault = fault(claims).orElseThrow().detail();
        var wrong = Arrays.stream(claims.split(" "))
                .filter(claim -> claim.endsWith("*"))
                .findFirst()
                .orElseThrow()
                .replace("=", " = ");
        assertTrue(fault.startsWith("“" + wrong + "”"), fault);
        assertTrue(fault.contains("Write it "), fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ref=refs/heads/main",
                "repository_owner=harbour",
                "namespace_path=harbour",
                "job_workflow_ref=harbour/ci/.github/workflows/release.yml@refs/heads/main",
                "ci_config_ref_uri=gitlab.example.org/harbour/ci//.gitlab-ci.yml@refs/heads/main",
                "sub=environment:release",
                "sub=repository_owner:harbour",
                "sub=job_workflow_ref:harbour/ci/.github/workflows/release.yml@refs/heads/main",
            })
    void ruleWithoutARepositoryIsRefused(String claims) {
        assertTrue(
                fault(claims)
                        .orElseThrow()
                        .detail()
                        .startsWith("A trusted publisher needs a claim that identifies the repository"),
                claims);
    }

    @ParameterizedTest
    @ValueSource(strings = {"repository=harbour", "project_path=harbour", "repository=harbour/"})
    void repositoryOwnerAloneIsRefused(String claims) {
        assertTrue(fault(claims).orElseThrow().detail().contains("names no repository"), claims);
    }
}
