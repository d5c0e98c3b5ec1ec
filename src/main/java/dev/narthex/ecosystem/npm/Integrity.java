package dev.narthex.ecosystem.npm;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.ProblemException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The hashes that {@code integrity} lists (W3C Subresource Integrity §3.5, as npm/ssri lib/index.js reads them): with spaces
 * between, each with options that nobody knows.
 *
 * @param hashes those that a store path can be made of
 * @param others whether there are well-formed ones of other algorithms
 */
record Integrity(List<NixHash> hashes, boolean others) {
    private static final Pattern HASH = Pattern.compile("(sha512|sha256|sha1)-[A-Za-z0-9+/]++={0,2}");
    private static final Pattern OTHER = Pattern.compile("(sha384|md5)-[A-Za-z0-9+/]++={0,2}");

    /** Like npm it passes over what it cannot read. */
    static Integrity parse(String text) {
        var hashes = new ArrayList<NixHash>();
        boolean others = false;
        for (var item : text.strip().split("\\s+")) {
            var plain = item.replaceFirst("\\?.*", "");
            others |= OTHER.matcher(plain).matches();
            if (HASH.matcher(plain).matches()) {
                hash(plain).ifPresent(hashes::add);
            }
        }
        return new Integrity(List.copyOf(hashes), others);
    }

    /** Of two by the same algorithm the first. */
    Optional<NixHash> strongest() {
        // a tie keeps the first: max would keep the last
        return hashes.stream()
                .sorted(Comparator.comparing((NixHash hash) -> hash.algorithm().size())
                        .reversed())
                .findFirst();
    }

    private static Optional<NixHash> hash(String sri) {
        try {
            return Optional.of(NixHash.parse(sri));
        } catch (ProblemException e) {
            return Optional.empty();
        }
    }

    /** The hash behind the address in a lock of yarn: SHA-1 as forty hexadecimal digits. */
    static Optional<NixHash> ofFragment(String fragment) {
        return fragment.matches("[0-9a-f]{40}")
                ? Optional.of(NixHash.parse(fragment, HashAlgorithm.SHA1))
                : Optional.empty();
    }
}
