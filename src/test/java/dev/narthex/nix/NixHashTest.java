package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.narthex.problem.ProblemException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NixHashTest {
    private static final String EMPTY_NIX32 = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73";
    private static final String EMPTY_HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String EMPTY_SRI = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    @Test
    void emptyContentHasTheKnownHashes() {
        var hash = NixHash.sha256(new byte[0]);
        assertEquals(EMPTY_NIX32, hash.nix32());
        assertEquals(EMPTY_HEX, hash.hex());
        assertEquals(EMPTY_SRI, hash.sri());
        assertEquals("sha256:" + EMPTY_NIX32, hash.toString());
        assertEquals(
                "143xibwh31h9bvxzalr0sjvbbvpa6ffs",
                Nix32.encode(HashAlgorithm.SHA1.newDigest().digest()));
    }

    @Test
    void allEncodingsGiveTheSameHash() {
        var hash = NixHash.sha256(new byte[0]);
        for (var form : new String[] {"sha256:" + EMPTY_NIX32, "sha256:" + EMPTY_HEX, EMPTY_SRI}) {
            assertEquals(hash, NixHash.parse(form));
            assertEquals(hash, NixHash.parse(form, HashAlgorithm.SHA256));
        }
        assertEquals(hash, NixHash.parse(EMPTY_NIX32, HashAlgorithm.SHA256));
        assertEquals(hash, NixHash.parse(EMPTY_HEX, HashAlgorithm.SHA256));
        assertEquals(hash.hashCode(), NixHash.parse(EMPTY_SRI).hashCode());
    }

    @ParameterizedTest
    @EnumSource
    void hashSurvivesARoundTripInEachEncoding(HashAlgorithm algorithm) {
        var random = new Random(algorithm.ordinal());
        for (int i = 0; i < 200; i++) {
            var bytes = new byte[algorithm.size()];
            random.nextBytes(bytes);
            var hash = NixHash.of(algorithm, bytes);
            assertEquals(hash, NixHash.parse(hash.toString()));
            assertEquals(hash, NixHash.parse(hash.sri()));
            assertEquals(hash, NixHash.parse(algorithm.id() + ":" + hash.hex()));
            assertArrayEquals(bytes, Nix32.decode(hash.nix32(), bytes.length));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256",
                "sha256:",
                "sha256-",
                "sha257:" + EMPTY_NIX32,
                "SHA256:" + EMPTY_NIX32,
                ":" + EMPTY_NIX32,
                "sha256:" + EMPTY_NIX32 + "0",
                "sha256-" + EMPTY_NIX32,
                "sha256-" + EMPTY_HEX,
                "sha512:" + EMPTY_NIX32,
                "sha256:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
                "sha256:emdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
                "sha256:\u0131mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
                "sha256:g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
                "sha256-47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU="
            })
    void malformedTextIsRefused(String text) {
        assertThrows(ProblemException.class, () -> NixHash.parse(text));
    }

    @Test
    void unexpectedAlgorithmIsRefused() {
        assertThrows(ProblemException.class, () -> NixHash.parse(EMPTY_SRI, HashAlgorithm.SHA512));
        assertThrows(ProblemException.class, () -> NixHash.of(HashAlgorithm.SHA1, new byte[32]));
    }

    @Test
    void bytesAreCopied() {
        var bytes = new byte[32];
        var hash = NixHash.of(HashAlgorithm.SHA256, bytes);
        bytes[0] = 1;
        hash.bytes()[1] = 1;
        assertArrayEquals(new byte[32], hash.bytes());
        assertNotEquals(hash, NixHash.of(HashAlgorithm.SHA256, bytes));
    }
}
