package dev.narthex.plugin.cargo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.narthex.ecosystem.support.NarCandidate;
import dev.narthex.ecosystem.support.ViewFixture;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.PackageInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines that cargo resolves from, as the Cargo Book has them. */
class IndexFileTest {
    private static final String HOME = "sparse+http://registry.example.org/registry/orchard/cargo/index/";
    private static final byte[] LANTERN = CargoEcosystemTest.crate(CargoEcosystemTest.LANTERN);

    @Test
    void aVersionIsOneLineWithAllThatCargoResolvesFrom() throws IOException {
        var line = """
                {"name":"nx-Lantern","vers":"3.2.1","deps":[
                {"name":"wick","req":"1.0","features":["short"],"optional":true,"default_features":false,"target":null,
                 "kind":"normal","registry":null,"package":null},
                {"name":"oil","req":"^2","features":[],"optional":true,"default_features":true,"target":null,
                 "kind":"normal","registry":null,"package":"harbour-oil"},
                {"name":"glass","req":"*","features":[],"optional":false,"default_features":true,"target":null,
                 "kind":"dev","registry":null,"package":null},
                {"name":"tar","req":"0.4","features":[],"optional":false,"default_features":true,"target":"cfg(unix)",
                 "kind":"build","registry":"https://index.example.org","package":null}],
                "cksum":"%s","features":{"default":["std"],"std":[]},"yanked":false,"links":"lamp","v":2,
                "features2":{"bright":["dep:oil","wick?/long"]},"rust_version":"1.70"}
                """.formatted(NixHash.sha256(LANTERN).hex());
        var json = JsonMapper.builder().build();
        var text = file().text(HOME);
        assertEquals(1, text.lines().count());
        assertEquals(json.readTree(line), json.readTree(text));
    }

    @Test
    void aDependencyInTheSameRegistryNamesNone() throws IOException {
        var text = file().text("https://index.example.org");
        assertEquals(-1, text.indexOf("index.example.org"));
    }

    @ParameterizedTest
    @CsvSource({"a, 1/a", "Ab, 2/ab", "abc, 3/a/abc", "Nx-Lantern, nx/-l/nx-lantern", "serde, se/rd/serde"})
    void theIndexIsCutByLetters(String name, String path) {
        assertEquals(path, new CrateName(name).indexPath());
    }

    @Test
    void anotherSpellingIsAnotherFile() throws IOException {
        assertEquals(1, file().at("nx/-l/nx-lantern").crates().size());
        assertEquals(0, file().at("nx/_l/nx_lantern").crates().size());
        assertEquals(0, file().at("nx-lantern").crates().size());
    }

    private static IndexFile file() throws IOException {
        var cargo = new CargoEcosystem();
        var path = NarCandidate.flat("nx-Lantern-3.2.1.crate", LANTERN);
        var release =
                ViewFixture.release(cargo, cargo.recognize(path).findFirst().orElseThrow(), path);
        return IndexFile.of(new PackageInfo(
                1, "orchard", "cargo", "nx-Lantern", "nx_lantern", List.of(release), Map.of(), Map.of()));
    }
}
