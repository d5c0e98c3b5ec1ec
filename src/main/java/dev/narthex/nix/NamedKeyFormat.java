package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.util.regex.Pattern;

/** The form {@code <name>:<base64>} of keys and signatures (NixOS/nix src/libutil/signature/local-keys.cc). */
record NamedKeyFormat(String name, byte[] bytes) {
    private static final Pattern NAME = Pattern.compile("[\\x21-\\x7e&&[^:]]{1,200}");

    /** Error messages contain the name but never what follows it, which may be a secret. */
    static NamedKeyFormat parse(String subject, String text, int size) {
        int colon = text.indexOf(':');
        var name = colon < 0 ? "" : text.substring(0, colon);
        requireName(name);
        var bytes = CanonicalBase64.decode(text.substring(colon + 1), size)
                .orElseThrow(() -> Problem.malformed(
                        subject, name, "expected a key name, a colon and " + size + " bytes in base64."));
        return new NamedKeyFormat(name, bytes);
    }

    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw Problem.malformed("key name", name, "expected 1 to 200 visible ASCII characters before a colon.");
        }
    }
}
