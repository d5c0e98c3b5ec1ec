package dev.narthex.substituter;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.Nix32;
import dev.narthex.nix.NixHash;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The URL of a NAR: {@code nar/<NAR hash>-<encoding>.nar.zst}. It identifies exact bytes, because nix resumes a download without
 * checking whether they changed. The encoding changes when the stored form does.
 *
 * @param encoding first 8 hex digits of the encoding's id
 * @param compressed false for the plain {@code .nar}
 */
record NarUrl(NixHash narHash, String encoding, boolean compressed) {
    private static final Pattern FORM = Pattern.compile("([0-9a-df-np-sv-z]{52})-([0-9a-f]{8})\\.nar(\\.zst)?");

    static NarUrl of(NixHash narHash, UUID encoding) {
        return new NarUrl(narHash, shorten(encoding), true);
    }

    static Optional<NarUrl> parse(String file) {
        var m = FORM.matcher(file);
        if (!m.matches() || m.group(1).charAt(0) > '1') {
            return Optional.empty(); // 52 digits hold 260 bits: the first one has only the last bit of the hash
        }
        var hash = NixHash.of(HashAlgorithm.SHA256, Nix32.decode(m.group(1), HashAlgorithm.SHA256.size()));
        return Optional.of(new NarUrl(hash, m.group(2), m.group(3) != null));
    }

    boolean hasEncoding(UUID current) {
        return encoding.equals(shorten(current));
    }

    private static String shorten(UUID encoding) {
        return encoding.toString().substring(0, 8);
    }

    @Override
    public String toString() {
        return "nar/" + narHash.nix32() + "-" + encoding + ".nar" + (compressed ? ".zst" : "");
    }
}
