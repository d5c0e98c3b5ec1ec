package dev.narthex.ecosystem;

import dev.narthex.spi.NotOffered;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * Passes on the bytes of one file, and refuses it when they show that it works only on machines that have what it was built
 * with: one of the store paths that its path refers to, as text, as the RPATH or interpreter of a program, or anywhere else.
 * Other store paths are words: nix did not find them among what the build had (lodash ships a flake.lock that names one).
 * Programs and libraries of the machine are refused even without: they were linked for one system.
 */
final class Portable extends FilterInputStream {
    /** What every store path begins with; then comes its hash part. */
    private static final byte[] STORE = "/nix/store/".getBytes(StandardCharsets.US_ASCII);

    private static final int HASH_LENGTH = 32;
    private static final int MAGIC_LENGTH = 4;
    private static final int ELF = 0x7f454c46;
    private static final int MACH_O_64 = 0xcffaedfe;

    private final String file;
    private final long size;
    private final Set<String> hashes;
    /** Bytes of {@link #STORE} that the last ones are. */
    private int matched;

    /** Bytes of a hash part since then; -1 if there was none. */
    private int hash = -1;

    private final byte[] digits = new byte[HASH_LENGTH];

    private int magic;
    private long count;

    /**
     * @param file its path in the package, for the reason
     * @param size that it must have: what stands before it in an archive says so
     * @param hashes of the store paths that the path refers to
     */
    Portable(InputStream in, String file, long size, Set<String> hashes) {
        super(in);
        this.file = PlainText.line(file);
        this.size = size;
        this.hashes = hashes;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int n = in.read(b, off, len);
        for (int i = off; i < off + n; i++) {
            look(b[i]);
        }
        if (count > size || (n < 0 && count < size)) {
            throw new EOFException(file + " has " + count + " bytes instead of " + size);
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        return Math.max(0, read(new byte[(int) Math.min(Math.max(n, 0), 8192)]));
    }

    private void look(byte b) throws NotOffered {
        if (count < MAGIC_LENGTH) {
            magic = magic << 8 | (b & 0xff);
        }
        count++;
        if (count == MAGIC_LENGTH && (magic == ELF || magic == MACH_O_64)) {
            throw new NotOffered(file + " is native code, built for one kind of system");
        }
        if (hash >= 0) {
            lookAtHash(b);
        }
        // Only one beginning of it ends in what begins it too: five bytes, whose last is a slash.
        while (matched > 0 && b != STORE[matched]) {
            matched = matched == 5 ? 1 : 0;
        }
        if (b == STORE[matched] && ++matched == STORE.length) {
            hash = 0;
            matched = 1;
        }
    }

    private void lookAtHash(byte b) throws NotOffered {
        digits[hash++] = b;
        if (hash < HASH_LENGTH) {
            return;
        }
        if (hashes.contains(new String(digits, StandardCharsets.ISO_8859_1))) {
            throw new NotOffered(file + " names a path in /nix/store, which other machines do not have");
        }
        hash = -1;
    }
}
