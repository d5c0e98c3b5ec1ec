package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Repositories in attestations, compared with trusted publishers. */
class SourceRepositoryTest {
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "https://forge.example/boat/oar,                                                   forge.example, boat/oar",
                "git+https://forge.example/boat/oar.git@refs/heads/main,                           forge.example, boat/oar",
                "https://Forge.Example:8443/boat/oar/,                                             forge.example:8443, boat/oar",
                "https://forge.example/boat/oar/.forge/workflows/release.yml@refs/tags/v1,         forge.example, boat/oar",
                "https://forge.example/group/boat/oar//.gitlab-ci.yml@refs/heads/main,             forge.example, group/boat/oar",
                "https://forge.example/boat/%6far,                                                 forge.example, boat/%6far",
                "https://me@forge.example/boat/oar,                                                me@forge.example, boat/oar",
                "https://forge.example/,                                                           -, -",
                "https://forge.example,                                                            -, -",
                "boat/oar,                                                                         -, -",
                "anna@forge.example,                                                               -, -",
                "'https://forge.example/boat oar',                                                 -, -",
            })
    void urlIsParsedIntoForgeAndRepository(String address, String forge, String path) {
        var expected = Optional.ofNullable(forge).map(host -> new SourceRepository(host, path));
        assertEquals(expected, SourceRepository.parse(address));
    }

    @ParameterizedTest
    @CsvSource({
        "https://forge.example,                        repository=boat/oar,                true",
        "https://forge.example/api/actions,            repository=boat/*,                  true",
        "https://forge.example,                        repository=boat/oar-fork,           false",
        "https://forge.example,                        project_path=boat/oar;ref=main,     true",
        "https://elsewhere.example,                    repository=boat/oar,                false",
        "https://forge.example,                        sub=repo:boat/oar:ref:refs/heads/*, true",
        "https://forge.example,                        sub=project_path:boat/*,            true",
        "https://forge.example,                        sub=repo:boat/other:*,              false",
        "https://forge.example,                        sub=repo:boat/oar:*;repository=x,   false",
        "https://forge.example,                        sub=anything,                       unsaid",
        "https://forge.example,                        repository_id=7,                    unsaid",
    })
    void aRuleLetsInARepositoryOrAnotherOrDoesNotSay(String issuer, String claims, String allowed) {
        var patterns = Map.ofEntries(java.util.Arrays.stream(claims.split(";"))
                .map(claim -> claim.split("=", 2))
                .map(claim -> Map.entry(claim[0], new NamePattern(claim[1])))
                .collect(Collectors.toList())
                .<Map.Entry<String, NamePattern>>toArray(Map.Entry[]::new));
        var rule = new TrustedPublisher("npm", NamePattern.ALL, issuer, patterns);
        var said = rule.allows(new SourceRepository("forge.example", "boat/oar"));
        assertEquals(allowed, said.map(Object::toString).orElse("unsaid"));
    }

    @Test
    void runMatchesOnlyItsRepositoryAndForge() {
        var run = new CiRun(
                1, "https://token.actions.githubusercontent.com", "repo:boat/oar:x", Map.of("repository", "boat/oar"));
        assertEquals(true, run.belongsTo("git+https://github.com/boat/oar@refs/heads/main"));
        assertEquals(false, run.belongsTo("https://github.com/boat/oar2"));
        assertEquals(false, run.belongsTo("https://forge.example/boat/oar"));
        assertEquals(false, run.belongsTo("https://github.com.example/boat/oar"));
        assertEquals(false, run.belongsTo(""));
    }
}
