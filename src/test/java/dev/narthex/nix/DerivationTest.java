package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DerivationTest {
    private static final String SHORT =
            "Derive([(\"out\",\"\",\"r:sha256\",\"\")],[],[],\"s\",\"b\",[],[(\"a\",\"b\")])";

    @ParameterizedTest
    @ValueSource(strings = {"plain.drv", "structured.drv", "fixed.drv"})
    void derivationsOfNixSurviveARoundTrip(String golden) {
        var bytes = GoldenNixFiles.bytes(golden);
        assertArrayEquals(bytes, Derivation.parse(bytes).text());
    }

    @Test
    void fieldsOfADerivationAreRead() {
        var drv = Derivation.parse(GoldenNixFiles.bytes("plain.drv"));
        assertEquals(List.of("doc", "out"), List.copyOf(drv.outputs().keySet()));
        assertFalse(drv.outputs().get("out").isFixed());
        assertEquals(List.of(List.of("out")), List.copyOf(drv.inputDrvs().values()));
        assertEquals(
                GoldenNixFiles.text("fixed.drv.path").strip(), drv.inputDrvs().firstKey());
        assertEquals("notes.txt", StorePath.parse(drv.inputSrcs().getFirst()).name());
        assertEquals("x86_64-linux", drv.system());
        assertEquals("/bin/sh", drv.builder());
        assertEquals("-c", drv.args().getFirst());
        assertEquals(Optional.of("plain-1.0"), drv.name());
        assertEquals(
                Optional.of("quote \" backslash \\ newline \n tab \t return \r dollar ${x} ünï 漢字"),
                drv.attribute("awkward"));
        assertEquals(Optional.empty(), drv.attribute("absent"));
        assertEquals(Optional.empty(), drv.structuredAttrs());
    }

    @Test
    void fieldsOfStructuredAttributesAreRead() {
        var drv = Derivation.parse(GoldenNixFiles.bytes("structured.drv"));
        assertTrue(drv.structuredAttrs().orElseThrow().startsWith("{\"builder\""));
        assertEquals(Optional.of("structured-2.0"), drv.name());
        assertEquals(Optional.of("2.0"), drv.attribute("version"));
        assertEquals(Optional.of("structured"), drv.attribute("pname"));
        assertEquals(Optional.empty(), drv.attribute("npmMeta"));
        assertEquals(Optional.empty(), drv.attribute("text"));
    }

    @Test
    void hashOfAFixedOutputIsRead() {
        var output =
                Derivation.parse(GoldenNixFiles.bytes("fixed.drv")).outputs().get("out");
        assertTrue(output.isFixed());
        assertEquals("sha256", output.hashAlgo());
        assertEquals(
                NixHash.sha256("flat content".getBytes(StandardCharsets.UTF_8)).hex(), output.hash());
        assertEquals(
                GoldenNixFiles.text("fixed.narinfo").lines().findFirst().orElseThrow(), "StorePath: " + output.path());
    }

    @Test
    void invalidUtf8SurvivesARoundTrip() {
        var bytes = SHORT.replace("b\")])", "\u00ff\u00fe\")])").getBytes(StandardCharsets.ISO_8859_1);
        var drv = Derivation.parse(bytes);
        assertEquals(Optional.of("\uDCFF\uDCFE"), drv.attribute("a"));
        assertArrayEquals(bytes, drv.text());
    }

    @Test
    void unknownEscapesAreLiteral() {
        assertEquals(
                Optional.of("x/y"),
                parse(SHORT.replace("\"b\")])", "\"\\x\\/y\")])")).attribute("a"));
    }

    @Test
    void malformedStructuredAttributesAreAProblem() {
        var drv = parse(SHORT.replace("(\"a\",\"b\")", "(\"__json\",\"{\\\"a\\\":\")"));
        assertThrows(ProblemException.class, () -> drv.attribute("name"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Derive(",
                "DrvWithVersion(\"xp-dyn-drv\",[],[],[],\"s\",\"b\",[],[])",
                "Derive([],[],[],\"s\",\"b\",[],[]) ",
                "Derive([], [],[],\"s\",\"b\",[],[])",
                "Derive([],[],[],\"s\",\"b\",[],[],)",
                "Derive([],[],[],\"s\",\"b\",[\"a\",],[])",
                "Derive([],[],[],\"s\",\"b\",[,\"a\"],[])",
                "Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"b\"),(\"a\",\"b\")])",
                "Derive([],[],[],\"s\",\"b\",[],[(\"b\",\"b\"),(\"a\",\"b\")])",
                "Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"b\"])",
                "Derive([],[],[],\"s\",\"b\",[],[(\"a\",\"b\\",
                "Derive([],[],[\"/etc/passwd\"],\"s\",\"b\",[],[])",
                "Derive([],[(\"/etc/passwd\",[\"out\"])],[],\"s\",\"b\",[],[])",
                "Derive([(\"out\",\"/etc/passwd\",\"\",\"\")],[],[],\"s\",\"b\",[],[])"
            })
    void malformedTextIsRefused(String text) {
        assertThrows(ProblemException.class, () -> parse(text));
    }

    @Test
    void sizeIsLimited() {
        var problem = assertThrows(ProblemException.class, () -> Derivation.parse(new byte[Derivation.MAX_BYTES + 1]));
        assertEquals(413, problem.problem().status());
    }

    private static Derivation parse(String text) {
        return Derivation.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
