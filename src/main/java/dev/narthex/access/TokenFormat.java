package dev.narthex.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The format of tokens: {@code nrx_}, 36 random characters (about 214 bits), and a checksum of 6. With the checksum, secret
 * scanners recognize real tokens, and mistyped ones never reach the database. Only the SHA-256 of a token is stored.
 */
final class TokenFormat {
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int RANDOM = 36;
    private static final int CHECK = 6;
    private static final Pattern FORM = Pattern.compile("nrx_[0-9A-Za-z]{" + (RANDOM + CHECK) + "}");
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*");

    private TokenFormat() {}

    static String generate(SecureRandom random) {
        var text = new StringBuilder("nrx_");
        for (int i = 0; i < RANDOM; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text + checksum(text.toString());
    }

    static boolean valid(String text) {
        if (!FORM.matcher(text).matches()) {
            return false;
        }
        int cut = text.length() - CHECK;
        return checksum(text.substring(0, cut)).equals(text.substring(cut));
    }

    /** Returns whether a text looks like a JWT (RFC 7519); this server issues none. */
    static boolean isJwt(String text) {
        return JWT.matcher(text).matches();
    }

    static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String checksum(String text) {
        var crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        long value = crc.getValue();
        var digits = new char[CHECK];
        for (int i = CHECK - 1; i >= 0; i--) {
            digits[i] = ALPHABET.charAt((int) (value % ALPHABET.length()));
            value /= ALPHABET.length();
        }
        return new String(digits);
    }
}
