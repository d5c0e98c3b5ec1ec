package dev.narthex.access;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A token and what its row must hold, for whoever writes that without the application.
 *
 * @param text told once, kept nowhere
 * @param hash of the text, in hexadecimal digits
 * @param scope as JSON
 */
public record FreshToken(String text, String hash, String scope) {
    /** One that may do everything. */
    public static FreshToken admin() {
        var text = TokenText.make(new SecureRandom());
        return new FreshToken(text, HexFormat.of().formatHex(TokenText.hash(text)), Scope.ADMIN.json());
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "FreshToken[scope=" + scope + "]";
    }
}
