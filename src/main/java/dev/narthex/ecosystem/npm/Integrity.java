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
 * The hashes in an {@code integrity} value (W3C Subresource Integrity §3.5, read like npm/ssri lib/index.js): separated by
 * spaces, each with optional parameters that are ignored.
 *
 * @param hashes those that can identify a store path
 * @param others whether there are well-formed hashes of other algorithms
 */
record Integrity(List<NixHash> hashes, boolean others) {
    private static final Pattern HASH = Pattern.compile("(sha512|sha256|sha1)-[A-Za-z0-9+/]++={0,2}");
    private static final Pattern OTHER = Pattern.compile("(sha384|md5)-[A-Za-z0-9+/]++={0,2}");

    /** Ignores malformed entries, like npm. */
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

    /** Returns the hash of the strongest algorithm; among several the first. */
    Optional<NixHash> strongest() {
        // max would return the last of several equal ones
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

    /** Parses the URL fragment in a yarn lockfile: SHA-1 as 40 hexadecimal digits. */
    static Optional<NixHash> ofFragment(String fragment) {
        return fragment.matches("[0-9a-f]{40}")
                ? Optional.of(NixHash.parse(fragment, HashAlgorithm.SHA1))
                : Optional.empty();
    }
}
