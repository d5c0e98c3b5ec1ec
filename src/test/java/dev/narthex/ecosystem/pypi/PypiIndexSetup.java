package dev.narthex.ecosystem.pypi;

import static io.restassured.RestAssured.given;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistries;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.DerivationMeta;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** The projects in the index, and requests for their pages. */
abstract class PypiIndexSetup {
    static final String PYPI = "/registry/orchard/pypi/";
    static final String JSON = "application/vnd.pypi.simple.v1+json";
    static final String EVIL = "\"><script>alert('x')</script>&amp;";
    static final byte[] WHEEL = ArchiveFixture.wheel("wick", "1.0", """
            Summary: Burns
            Author-email: Ada Ferry <ada@example.org>
            License-Expression: MIT
            License-File: LICENSE
            Classifier: Topic :: Utilities
            Keywords: light,fire
            Project-URL: Homepage, https://example.org/wick
            Requires-Python: >=3.9
            Requires-Dist: oil>=1
            Provides-Extra: slow
            Description-Content-Type: text/markdown

            # Wick
            """);
    static final byte[] SDIST = ArchiveFixture.tgz(
            Map.of("Wick-0.9/PKG-INFO", "Metadata-Version: 1.0\nName: Wick\nVersion: 0.9\nSummary: Old\n"));

    private static boolean filled;

    @Inject
    InMemoryRegistries registries;

    @BeforeEach
    void fill() {
        if (filled) {
            return;
        }
        filled = true;
        var vulnerable = new DerivationMeta(
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                List.of(),
                List.of(),
                List.of(),
                List.of("CVE-2024-12345: burns down", "smells"),
                "",
                "",
                "{}");
        registries.put(NarCandidate.flat("Wick-0.9.tar.gz", SDIST));
        registries.put(
                NarCandidate.flat("wick-1.0-2b-py2.py3-none-any.whl", WHEEL).withMeta(vulnerable));
        registries.put(NarCandidate.flat("wick-2.0a1-py3-none-any.whl", ArchiveFixture.wheel("wick", "2.0a1", "")));
        registries.put(NarCandidate.flat(
                "xenon-1.0-py3-none-any.whl",
                ArchiveFixture.wheel("xenon", "1.0", "Requires-Python: >=3.9" + EVIL + "\n")));
        registries.withdraw("xenon", "yanked", "Leaks " + EVIL);
        registries.state(
                "xenon",
                "project-status",
                "{\"status\":\"archived\",\"reason\":\"Gone " + EVIL.replace("\"", "\\\"") + "\"}");
        registries.state("xenon", "tracks", "[\"https://example.org/simple/xenon/\",\"javascript:alert(1)\"]");
        registries.state("xenon", "alternate-locations", "[\"https://mirror.example.org/xenon/\"]");
        registries.put(NarCandidate.flat("yarrow-1.0-py3-none-any.whl", ArchiveFixture.wheel("yarrow", "1.0", "")));
        registries.withdraw("yarrow", "yanked", "");
        registries.put(NarCandidate.flat("zinc-1.0-py3-none-any.whl", ArchiveFixture.wheel("zinc", "1.0", "")));
        registries.state("zinc", "project-status", "{\"status\":\"quarantined\",\"reason\":\"It is malware.\"}");
        registries.announce("zirkon");
    }

    static Response page(String accept, String name) {
        return given().header("Accept", accept).get(PYPI + "simple/" + name + "/");
    }
}
