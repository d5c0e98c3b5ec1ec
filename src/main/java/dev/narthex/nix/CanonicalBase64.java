package dev.narthex.nix;

import java.util.Base64;
import java.util.Optional;

/** Decodes padded base64, accepting only the canonical encoding, so that every byte string has exactly one text. */
final class CanonicalBase64 {
    private CanonicalBase64() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static int encodedLength(int size) {
        return (size + 2) / 3 * 4;
    }

    /** Empty unless the text is the canonical encoding of exactly {@code size} bytes. */
    static Optional<byte[]> decode(String text, int size) {
        if (text.length() != encodedLength(size)) {
            return Optional.empty();
        }
        try {
            var bytes = Base64.getDecoder().decode(text);
            return bytes.length == size && encode(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
