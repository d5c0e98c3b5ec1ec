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
public record GeneratedToken(String text, String hash, String scope) {
    /** Generates a token that may do everything. */
    public static GeneratedToken admin() {
        var text = TokenFormat.generate(new SecureRandom());
        return new GeneratedToken(text, HexFormat.of().formatHex(TokenFormat.hash(text)), Scope.ADMIN.json());
    }

    /** Omits the token, so that it cannot be logged. */
    @Override
    public String toString() {
        return "FreshToken[scope=" + scope + "]";
    }
}
