package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentAddressTest {
    private static final String FLAT = "fixed:sha256:1d3bk70jn6zrxsk6xjr33qwarpq389hpv04l59fcc9x127w0a3g4";
    private static final String OTHER = "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi-lantern";

    @Test
    void pathOfAFlatFileMatchesNix() {
        var hash = NixHash.sha256("flat content".getBytes(StandardCharsets.UTF_8));
        var address = new ContentAddress.Fixed(false, hash);
        assertEquals(FLAT, address.toString());
        assertTrue(address.isFlat());
        assertEquals(
                "/nix/store/fkr5phfx3801y96scj73l63zjx23b2j7-flat.bin",
                address.storePath("flat.bin").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tree.narinfo", "fixed.narinfo", "plain.drv.narinfo"})
    void contentAddressGivesThePathThatNixGives(String golden) {
        var info = NarInfo.parse(GoldenNixFiles.text(golden));
        var address = info.ca().orElseThrow();
        assertEquals(address, ContentAddress.parse(address.toString()));
        assertTrue(address.matches(info.path(), info.references()));
        assertFalse(address.matches(new StorePath(info.path().hash(), "other"), info.references()));
        assertFalse(address.matches(info.path(), List.of(OTHER)));
    }

    @Test
    void derivationIsAddressedByItsText() {
        var info = NarInfo.parse(GoldenNixFiles.text("plain.drv.narinfo"));
        var address = new ContentAddress.Text(NixHash.sha256(GoldenNixFiles.bytes("plain.drv")));
        assertEquals(info.ca().orElseThrow(), address);
        assertEquals(
                GoldenNixFiles.text("plain.drv.path").strip(),
                address.storePath("plain-1.0.drv", info.references(), false).toString());
    }

    @Test
    void sourceMayReferenceItself() {
        var address = new ContentAddress.Fixed(true, NixHash.sha256(new byte[0]));
        var path = address.storePath("self", List.of(OTHER), true);
        assertTrue(address.matches(path, List.of(path.baseName(), OTHER)));
        assertFalse(address.matches(path, List.of(OTHER)));
        assertFalse(address.matches(path, List.of()));
    }

    @Test
    void orderOfReferencesDoesNotMatter() {
        var address = new ContentAddress.Text(NixHash.sha256(new byte[0]));
        var another = OTHER.replace("lantern", "almanac");
        assertEquals(
                address.storePath("x", List.of(OTHER, another), false),
                address.storePath("x", List.of(another, OTHER, another), false));
    }

    @Test
    void referencesAreRefusedWhereNotAllowed() {
        var flat = ContentAddress.parse(FLAT);
        assertThrows(ProblemException.class, () -> flat.storePath("x", List.of(OTHER), false));
        assertThrows(ProblemException.class, () -> flat.storePath("x", List.of(), true));
        var text = new ContentAddress.Text(NixHash.sha256(new byte[0]));
        assertThrows(ProblemException.class, () -> text.storePath("x", List.of(), true));
        var path = flat.storePath("x");
        assertTrue(flat.matches(path, List.of()));
        assertFalse(flat.matches(path, List.of(path.baseName())));
    }

    @Test
    void recursiveHashOfAnotherAlgorithmIsAFixedOutput() {
        var address = ContentAddress.parse("fixed:r:sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs");
        assertFalse(address.isFlat());
        assertThrows(ProblemException.class, () -> address.storePath("x", List.of(OTHER), false));
        assertEquals("x", address.storePath("x").name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "text:",
                "fixed:",
                "fixed:r:",
                "fixed:git:sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs",
                "text:sha1:143xibwh31h9bvxzalr0sjvbbvpa6ffs",
                "text:r:sha256:1d3bk70jn6zrxsk6xjr33qwarpq389hpv04l59fcc9x127w0a3g4",
                "sha256:1d3bk70jn6zrxsk6xjr33qwarpq389hpv04l59fcc9x127w0a3g4"
            })
    void malformedTextIsRefused(String text) {
        assertThrows(ProblemException.class, () -> ContentAddress.parse(text));
    }
}
