package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;

import dev.narthex.ecosystem.support.ArchiveFixture;
import dev.narthex.ecosystem.support.InMemoryRegistries;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.spi.DerivationMeta;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Caches with npm packages, and requests to their registry. */
abstract class NpmRegistrySetup {
    static final String NPM = "/registry/orchard/npm/";

    static boolean filled;

    @Inject
    InMemoryRegistries registries;

    @BeforeEach
    void fill() {
        if (!filled) {
            filled = true;
            put("oar", "1.0.0", "CVE-2024-0001", "it sinks");
            put("oar", "1.0.1", "CVE-2024-0001");
            put("oar", "1.1.0");
            put("@boat/sail", "2.0.0", "CVE-2024-0002");
            for (int i = 0; i < 5; i++) {
                put("rope-" + i, "1.0.0");
            }
        }
    }

    void put(String name, String version, String... vulnerabilities) {
        var json = "{\"name\":\"" + name + "\",\"version\":\"" + version + "\",\"keywords\":[\"boat\"]}";
        var path = NarCandidate.flat(
                name.replaceAll(".*/", "") + "-" + version + ".tgz",
                ArchiveFixture.tgz(Map.of("package/package.json", json)));
        registries.put(path.withMeta(new DerivationMeta(
                "", "", "", "", "", "", "", List.of(), List.of(), List.of(), List.of(vulnerabilities), "", "", "")));
    }

    static RequestSpecification json() {
        return given().contentType("application/json").config(io.restassured.RestAssured.config());
    }
}
