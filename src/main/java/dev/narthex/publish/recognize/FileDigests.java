package dev.narthex.publish.recognize;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.FileSource;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Map;

/** The length and the digests of a file. */
public record FileDigests(long length, Map<HashAlgorithm, NixHash> hashes) {
    private static final int BUFFER_BYTES = 64 * 1024;

    static FileDigests of(FileSource source) throws IOException {
        var multiDigest = new MultiDigest();
        try (var in = source.open()) {
            var buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                multiDigest.update(buffer, 0, n);
            }
        }
        return multiDigest.finish();
    }

    public NixHash hash(HashAlgorithm algorithm) {
        var hash = hashes.get(algorithm);
        if (hash == null) {
            throw new IllegalArgumentException("files are not addressed by " + algorithm.id());
        }
        return hash;
    }

    /** Makes the file again. The stream fails at its end if length or SHA-256 differ. */
    InputStream reopenVerified(FileSource source) throws IOException {
        var digest = HashAlgorithm.SHA256.newDigest();
        return new VerifyingInputStream(new DigestInputStream(source.open(), digest), digest);
    }

    private final class VerifyingInputStream extends BlockFilterInputStream {
        private final MessageDigest digest;
        private long remaining = length;
        private boolean verified;

        VerifyingInputStream(InputStream in, MessageDigest digest) {
            super(in);
            this.digest = digest;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            int n = in.read(b, off, len);
            remaining -= Math.max(n, 0);
            if (remaining < 0 || (n < 0 && remaining > 0)) {
                throw new IOException("the rebuilt file has another length");
            }
            if (n < 0 && !verified) {
                verified = true;
                if (!NixHash.of(HashAlgorithm.SHA256, digest.digest()).equals(hash(HashAlgorithm.SHA256))) {
                    throw new IOException("the rebuilt file has other bytes");
                }
            }
            return n;
        }
    }
}
