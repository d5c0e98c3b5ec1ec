package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Moves packs to the backend that new ones go to, while they are read and pushed. A pack is copied under a name of its own,
 * with a row of its own that leads to the copy whatever becomes of its writer; the copy is read back and compared; then one
 * transaction makes the pack's row name the copy, and leaves a condemned row behind that leads to the old bytes. Those stay
 * as long as any pack that nothing refers to: whoever reads them now reads on. Nothing is remembered but what rows say, so a
 * move that was interrupted is begun again with what is left.
 */
@ApplicationScoped
public class Moving {
    private static final int BUFFER = 256 * 1024;

    private final Database database;
    private final Backends backends;
    private final Packs packs;
    private final MovedRows rows;

    Moving(Database database, Backends backends, Packs packs, MovedRows rows) {
        this.database = database;
        this.backends = backends;
        this.packs = packs;
        this.rows = rows;
    }

    /** A live pack that lies elsewhere. */
    public record Standing(long id, PackKey key, int backend, long domainId, long bytes, int crc32c) {}

    /** What lies elsewhere, in packs and bytes. */
    public record Left(long packs, long bytes) {}

    public Left left() {
        return database.joined(c -> MovedRows.left(c, backends.others()));
    }

    /**
     * What is to be moved next.
     *
     * @param after the id of the last one seen; 0 for the first
     */
    public List<Standing> next(long after, int limit) {
        return database.joined(c -> MovedRows.next(c, backends.others(), after, limit));
    }

    /**
     * Moves one pack.
     *
     * @return whether it was; else it is on its way out, and is left where it is
     * @throws IOException if one of the backends fails, or the bytes are not what was written; then the pack stays where it is
     */
    public boolean move(Standing pack) throws IOException {
        var from = backends.of(pack.backend());
        var own = rows.begin(pack, backends.writing());
        boolean moved = false;
        try {
            var written = copy(pack, from, own);
            requireSame(pack, own, written);
            moved = rows.replace(pack, own);
            return moved;
        } finally {
            if (!moved) {
                packs.discard(own);
            }
        }
    }

    /** Returns the SHA-256 of what was copied. */
    private byte[] copy(Standing pack, Backend from, Packs.Own own) throws IOException {
        var crc = new CRC32C();
        var sha256 = HashAlgorithm.SHA256.digest();
        try (var in = from.open(pack.key(), 0, pack.bytes());
                var out = packs.begin(own)) {
            each(in, own, (bytes, count) -> {
                crc.update(bytes, 0, count);
                sha256.update(bytes, 0, count);
                out.write(bytes, 0, count);
            });
            if ((int) crc.getValue() != pack.crc32c()) {
                throw new DamagedException("pack " + pack.key().path() + " is not what was written: its checksum is "
                        + Integer.toHexString((int) crc.getValue()));
            }
            out.commit();
        }
        return sha256.digest();
    }

    private void requireSame(Standing pack, Packs.Own own, byte[] written) throws IOException {
        var sha256 = HashAlgorithm.SHA256.digest();
        long size = own.backend().size(own.key()).orElse(-1);
        if (size == pack.bytes()) {
            try (var in = own.backend().open(own.key(), 0, size)) {
                each(in, own, (bytes, count) -> sha256.update(bytes, 0, count));
            }
        }
        if (size != pack.bytes() || !MessageDigest.isEqual(written, sha256.digest())) {
            throw new DamagedException("the copy " + own.key().path() + " of " + pack.bytes()
                    + " bytes is not what was written; it has " + size);
        }
    }

    /** Takes bytes as they come. */
    private interface Taker {
        void take(byte[] bytes, int count) throws IOException;
    }

    private void each(InputStream in, Packs.Own own, Taker taker) throws IOException {
        var buffer = new byte[BUFFER];
        long renewed = System.nanoTime();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            taker.take(buffer, n);
            if (packs.toRenew(renewed)) {
                packs.renew(List.of(own));
                renewed = System.nanoTime();
            }
        }
    }
}
