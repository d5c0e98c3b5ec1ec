package dev.narthex.access;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A generated token with the values of its row, for code that inserts the row while the application does not run.
 *
 * @param text the token; shown once, never stored
 * @param hash hash of the text, hexadecimal
 * @param scope scope as JSON
 */
public record FreshToken(String text, String hash, String scope) {
    /** Generates a token that may do everything. */
    public static FreshToken admin() {
        var text = TokenText.make(new SecureRandom());
        return new FreshToken(text, HexFormat.of().formatHex(TokenText.hash(text)), Scope.ADMIN.json());
    }

    /** Omits the token, so that it cannot be logged. */
    @Override
    public String toString() {
        return "FreshToken[scope=" + scope + "]";
    }
}
