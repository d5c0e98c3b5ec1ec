package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorePathTest {
    private static final String HASH = "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi";

    @ParameterizedTest
    @ValueSource(strings = {"lantern-3.2.1", ".hidden", "...x", "-x", "a?b=c", "a+b_c", "x", ".a-", "..a", "1"})
    void namesValidInNixAreAccepted(String name) {
        var path = StorePath.parse("/nix/store/" + HASH + "-" + name);
        assertEquals(HASH, path.hash());
        assertEquals(name, path.name());
        assertEquals(path, StorePath.parse(path.toString()));
        assertEquals(path, StorePath.parseBaseName(path.baseName()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", ".-", "..-", ".-x", "..-x", "a/b", "a b", "a\n", "\n", "ü", "a\0", "a:b", "a%20"})
    void namesInvalidInNixAreRefused(String name) {
        assertThrows(ProblemException.class, () -> StorePath.parse("/nix/store/" + HASH + "-" + name));
        assertThrows(ProblemException.class, () -> new StorePath(HASH, name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/nix/store/",
                "/nix/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi",
                "/nix/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9p-short",
                "/nix/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pe-letter",
                "/nix/store/8K3VQ1X0GH5ZFJ2L4NRBYD7MWA6CS9PI-upper",
                "/nix/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi_name",
                "/other/store/8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi-name",
                "8k3vq1x0gh5zfj2l4nrbyd7mwa6cs9pi-name"
            })
    void invalidPathsAreRefused(String path) {
        assertThrows(ProblemException.class, () -> StorePath.parse(path));
    }

    @Test
    void nameMayHave211Characters() {
        assertEquals(211, new StorePath(HASH, "n".repeat(211)).name().length());
        assertThrows(ProblemException.class, () -> new StorePath(HASH, "n".repeat(212)));
    }

    @Test
    void derivationIsRecognizedByItsName() {
        assertTrue(new StorePath(HASH, "x.drv").isDerivation());
        assertFalse(new StorePath(HASH, "x.drv.txt").isDerivation());
    }

    @Test
    void hashPartIsRecognized() {
        assertTrue(StorePath.isHash(HASH));
        assertFalse(StorePath.isHash(HASH + "\n"));
        assertFalse(StorePath.isHash(HASH.substring(1)));
        assertFalse(StorePath.isHash(HASH.replace('a', 'u')));
    }
}
