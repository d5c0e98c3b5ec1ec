package dev.narthex.nix;

import dev.narthex.problem.Problem;
import java.util.regex.Pattern;

/**
 * Identifies an output of a derivation. nix identifies the derivation by its modulo hash ({@code realisations/}), since 2.35 by
 * its store path ({@code build-trace-v2/}; NixOS/nix src/libstore/binary-cache-store.cc).
 *
 * @param derivation {@code sha256:} and 64 hex digits, or the base name of a .drv
 * @param output such as {@code out}
 */
public record DerivationOutput(String derivation, String output) {
    private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern OUTPUT = Pattern.compile("[0-9A-Za-z+._?=-]{1,211}");

    public DerivationOutput {
        boolean hashed = HASH.matcher(derivation).matches();
        if (!hashed && !StorePath.parseBaseName(derivation).isDerivation()) {
            throw Problem.malformed("derivation", derivation, "expected a store path that ends in .drv.");
        }
        if (!OUTPUT.matcher(output).matches()) {
            throw Problem.malformed("output", output, "expected the name of an output, such as out.");
        }
    }

    /** @param id {@code sha256:<64 hex digits>!<output>} */
    public static DerivationOutput parseId(String id) {
        int separator = id.indexOf('!');
        if (separator < 0 || !HASH.matcher(id.substring(0, separator)).matches()) {
            throw Problem.malformed("realisation", id, "expected sha256:, 64 hex digits, ! and an output.");
        }
        return new DerivationOutput(id.substring(0, separator), id.substring(separator + 1));
    }

    /** Whether the derivation is identified by its hash, as in the older form. */
    public boolean isByHash() {
        return derivation.startsWith("sha256:");
    }

    /** Returns the id of the older form, or {@code <base name>/<output>}. */
    @Override
    public String toString() {
        return derivation + (isByHash() ? "!" : "/") + output;
    }
}
