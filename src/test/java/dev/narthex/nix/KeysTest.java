package dev.narthex.nix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    /** The seed is the bytes 00 to 1f; Nix generated the rest from it. */
    private static final String SECRET =
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";

    private static final String PUBLIC = "test-1:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    private static final String FINGERPRINT = "1;/nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0;"
            + "sha256:1qrqig4m0bpqv60dhwyj2m363l7irjjif1xp63gxjwzjf4vf80w8;392;"
            + "/nix/store/dxxiy213bj1yachhybbg1lrcv4fws7n1-a-1.0,"
            + "/nix/store/wvxyjpdchxphq7b4jx9sj65rfcygscij-c-1.0";
    private static final String SIGNATURE =
            "test-1:" + "dFbOhKZIhSkC+Vd7CG+zp3/uz0s8WehT21zIxYiL/f8tJ2EUwNw1+CX6MGpAat67LPXQwn97gIvgSanVj6EqAg==";

    @Test
    void signaturesMatchNix() {
        var key = SecretKey.parse(SECRET);
        assertEquals(PUBLIC, key.publicKey().toString());
        assertEquals(SIGNATURE, key.sign(FINGERPRINT).toString());
        assertTrue(PublicKey.parse(PUBLIC).verifies(FINGERPRINT, Signature.parse(SIGNATURE)));
        assertEquals(SECRET, key.export());
        assertEquals(SECRET, SecretKey.parse(SECRET + "\n").export());
    }

    @Test
    void signatureOfAnotherTextOrKeyDoesNotVerify() {
        var signature = Signature.parse(SIGNATURE);
        assertFalse(PublicKey.parse(PUBLIC).verifies(FINGERPRINT + " ", signature));
        assertFalse(SecretKey.generate("test-1").publicKey().verifies(FINGERPRINT, signature));
        var renamed = PublicKey.parse(PUBLIC.replace("test-1", "test-2"));
        assertFalse(renamed.verifies(FINGERPRINT, signature));
    }

    @Test
    void invalidCurvePointVerifiesNothing() {
        var raw = new byte[32];
        java.util.Arrays.fill(raw, (byte) 0xff);
        assertFalse(new PublicKey("test-1", raw).verifies(FINGERPRINT, Signature.parse(SIGNATURE)));
    }

    @Test
    void generatedKeysSurviveARoundTrip() {
        for (int i = 0; i < 20; i++) {
            var key = SecretKey.generate("orchard-" + i);
            var again = SecretKey.parse(key.export());
            assertEquals(key.publicKey(), again.publicKey());
            assertTrue(key.publicKey().verifies("x", again.sign("x")));
        }
    }

    @Test
    void keyMadeByNixIsRead() {
        var key = SecretKey.parse(GoldenNixFiles.text("key.secret"));
        assertEquals(GoldenNixFiles.text("key.public").strip(), key.publicKey().toString());
    }

    @Test
    void secretKeyIsNotPrintedAndNotInProblems() {
        assertEquals("SecretKey[test-1]", SecretKey.parse(SECRET).toString());
        var cut = SECRET.substring(0, SECRET.length() - 4);
        var problem = assertThrows(ProblemException.class, () -> SecretKey.parse(cut));
        assertFalse(problem.getMessage().contains("AAECAwQF"), problem.getMessage());
        var unnamed = SECRET.substring(SECRET.indexOf(':') + 1);
        problem = assertThrows(ProblemException.class, () -> SecretKey.parse(unnamed));
        assertFalse(problem.getMessage().contains("AAECAwQF"), problem.getMessage());
    }

    @Test
    void mismatchedKeyHalvesAreRefused() {
        var other = SecretKey.generate("test-1").export();
        var first = java.util.Base64.getDecoder().decode(SECRET.substring(7));
        var second = java.util.Base64.getDecoder().decode(other.substring(7));
        System.arraycopy(second, 32, first, 32, 32);
        var mixed = "test-1:" + java.util.Base64.getEncoder().encodeToString(first);
        assertThrows(ProblemException.class, () -> SecretKey.parse(mixed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "test-1", "test-1:", "test-1:AAAA", "test-1:%%%%", "te st:AAAA", ":AAAA"})
    void malformedTextIsRefused(String text) {
        assertThrows(ProblemException.class, () -> Signature.parse(text));
        assertThrows(ProblemException.class, () -> PublicKey.parse(text));
        assertThrows(ProblemException.class, () -> SecretKey.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a:b", "a b", "a\nb", "ü"})
    void keyNamesWithSeparatorsAreRefused(String name) {
        assertThrows(ProblemException.class, () -> SecretKey.generate(name));
    }
}
