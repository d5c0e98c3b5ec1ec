package dev.narthex.ecosystem;

import dev.narthex.spi.NotOffered;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Passes on the bytes of one file, and refuses it when they show that it works only on machines that have what it was built
 * with: a store path in it, as text, as the RPATH or interpreter of a program, or anywhere else. Programs and libraries of
 * the machine are refused even without: they were linked for one system.
 */
public final class Portable extends FilterInputStream {
    /** What every store path begins with; then come its hash part and a dash. */
    private static final byte[] STORE = "/nix/store/".getBytes(StandardCharsets.US_ASCII);

    private static final int HASH_LENGTH = 32;
    private static final int MAGIC_LENGTH = 4;
    private static final int ELF = 0x7f454c46;
    private static final int MACH_O_64 = 0xcffaedfe;

    private final String file;
    private final long size;
    /** Bytes of {@link #STORE} that the last ones are. */
    private int matched;

    /** Digits of a hash part since then; -1 if it is none. */
    private int hash = -1;

    private int magic;
    private long count;

    /**
     * @param file its path in the package, for the reason
     * @param size that it must have: what stands before it in an archive says so
     */
    public Portable(InputStream in, String file, long size) {
        super(in);
        this.file = PlainText.line(file);
        this.size = size;
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
        if (hash == HASH_LENGTH && b == '-') {
            throw new NotOffered(file + " names a path in /nix/store, which other machines do not have");
        }
        boolean digit =
                (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z' && b != 'e' && b != 'o' && b != 't' && b != 'u');
        hash = digit && hash < HASH_LENGTH ? hash + 1 : -1;
    }
}
