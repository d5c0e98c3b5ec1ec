package dev.narthex.publish.recognize;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import java.security.MessageDigest;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Computes the digests by which registries address files, in one pass. */
public final class MultiDigest {
    private static final List<HashAlgorithm> ALGORITHMS =
            List.of(HashAlgorithm.SHA1, HashAlgorithm.SHA256, HashAlgorithm.SHA512);

    private final Map<HashAlgorithm, MessageDigest> digests = new EnumMap<>(HashAlgorithm.class);
    private long length;

    public MultiDigest() {
        ALGORITHMS.forEach(algorithm -> digests.put(algorithm, algorithm.newDigest()));
    }

    public void update(byte[] bytes, int offset, int count) {
        for (var digest : digests.values()) {
            digest.update(bytes, offset, count);
        }
        length += count;
    }

    /** Returns the result. Call it once, after all bytes. */
    public FileDigests finish() {
        var hashes = new EnumMap<HashAlgorithm, NixHash>(HashAlgorithm.class);
        digests.forEach((algorithm, digest) -> hashes.put(algorithm, NixHash.of(algorithm, digest.digest())));
        return new FileDigests(length, hashes);
    }
}
