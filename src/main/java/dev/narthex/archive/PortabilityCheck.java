package dev.narthex.archive;

import dev.narthex.spi.NotOfferedException;
import dev.narthex.spi.UntrustedText;
import dev.narthex.stream.BlockFilterInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Passes on the bytes of one file and rejects it with {@link NotOfferedException} if it depends on the machine that it was
 * built on: if it
 * contains one of the store paths that its path references, as text, as a program's RPATH or interpreter, or anywhere else. Other
 * store paths are only text, since nix did not find them among the build inputs (lodash ships a flake.lock that names one).
 * Native programs and libraries are always rejected, because they are linked for one system.
 */
final class PortabilityCheck extends BlockFilterInputStream {
    /** Prefix of every store path; the hash part follows it. */
    private static final byte[] STORE = "/nix/store/".getBytes(StandardCharsets.US_ASCII);

    private static final int HASH_LENGTH = 32;
    private static final int MAGIC_LENGTH = 4;
    private static final int ELF = 0x7f454c46;
    private static final int MACH_O_64 = 0xcffaedfe;

    private final String file;
    private final long size;
    private final Set<String> hashes;
    /** Number of bytes of {@link #STORE} that the last bytes match. */
    private int matched;

    /** Number of bytes of a hash part since then; -1 outside of one. */
    private int hash = -1;

    private final byte[] digits = new byte[HASH_LENGTH];

    private int magic;
    private long count;

    /**
     * @param file path in the package, for the error message
     * @param size required number of bytes, because the archive's header already states it
     * @param hashes hash parts of the store paths that the path references
     */
    PortabilityCheck(InputStream in, String file, long size, Set<String> hashes) {
        super(in);
        this.file = UntrustedText.line(file);
        this.size = size;
        this.hashes = hashes;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int n = in.read(b, off, len);
        for (int i = off; i < off + n; i++) {
            inspect(b[i]);
        }
        if (count > size || (n < 0 && count < size)) {
            throw new EOFException(file + " has " + count + " bytes instead of " + size);
        }
        return n;
    }

    private void inspect(byte b) throws NotOfferedException {
        if (count < MAGIC_LENGTH) {
            magic = magic << 8 | (b & 0xff);
        }
        count++;
        if (count == MAGIC_LENGTH && (magic == ELF || magic == MACH_O_64)) {
            throw new NotOfferedException(file + " is native code, built for one kind of system");
        }
        if (hash >= 0) {
            lookAtHash(b);
        }
        // After a mismatch, only a match of 5 bytes can continue: its last byte, a slash, begins the prefix again.
        while (matched > 0 && b != STORE[matched]) {
            matched = matched == 5 ? 1 : 0;
        }
        if (b == STORE[matched] && ++matched == STORE.length) {
            hash = 0;
            matched = 1;
        }
    }

    private void lookAtHash(byte b) throws NotOfferedException {
        digits[hash++] = b;
        if (hash < HASH_LENGTH) {
            return;
        }
        if (hashes.contains(new String(digits, StandardCharsets.ISO_8859_1))) {
            throw new NotOfferedException(file + " names a path in /nix/store, which other machines do not have");
        }
        hash = -1;
    }
}
