package dev.narthex.ecosystem;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistries;
import dev.narthex.ecosystem.support.NarCandidate;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Packages of npm, PyPI and notes in one cache. */
abstract class RegistriesSetup {
    static final String NPM = "/registry/orchard/npm/";
    static final String SIMPLE = "/registry/orchard/pypi/simple/";
    static final byte[] TWO = tarball("@harbour/two", "1.0.0", "");
    static final byte[] WHEEL = ArchiveFixture.wheel("Nx_Lantern", "3.2.1", "Requires-Python: >=3.9,<4\n\n# Lantern\n");

    private static boolean filled;

    @Inject
    InMemoryRegistries registries;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            registries.put(NarCandidate.flat(
                    "lantern-1.0.0.tgz", tarball("lantern", "1.0.0", ",\"n\":1.10,\"_resolved\":\"/x\"")));
            registries.put(NarCandidate.flat(
                    "lantern-1.2.0.tgz", tarball("lantern", "1.2.0", ",\"scripts\":{\"install\":\"x\"}")));
            registries.put(NarCandidate.flat("lantern-2.0.0-rc.1.tgz", tarball("lantern", "2.0.0-rc.1", "")));
            registries.put(NarCandidate.flat("two-1.0.0.tgz", TWO));
            registries.put(NarCandidate.flat("shopping-3.note", "For the week\n".getBytes(StandardCharsets.UTF_8)));
            registries.put(NarCandidate.flat("Nx_Lantern-3.2.1-py3-none-any.whl", WHEEL));
        }
    }

    static String base() {
        return "http://127.0.0.1:" + RestAssured.port;
    }

    static byte[] tarball(String name, String version, String more) {
        var json = "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"description\":\"Shows light\","
                + "\"dependencies\":{\"wick\":\"^1.0.0\"}" + more + "}";
        var files = new LinkedHashMap<String, String>(Map.of("package/package.json", json));
        files.put("package/README.md", "# " + name + "\n");
        return ArchiveFixture.tgz(files);
    }
}
