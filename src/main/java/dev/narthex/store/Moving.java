package dev.narthex.store;

import dev.narthex.nix.HashAlgorithm;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Moves existing packs to the backend for new packs while they are in use. A pack is copied under a new name with its own row,
 * so that the copy is found and deleted if this process dies. The copy is read back and compared. Then one transaction changes
 * the pack's row to the copy and inserts a condemned row for the old bytes, which are deleted after the usual grace period;
 * current readers are not interrupted. All state is in these rows, so an interrupted move continues with the packs that are
 * left.
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

    /** A live pack that is not yet in the backend for new packs. */
    public record Standing(long id, PackKey key, int backend, long domainId, long bytes, int crc32c) {}

    /** Number and total bytes of the packs that are still to be moved. */
    public record Left(long packs, long bytes) {}

    public Left left() {
        return database.joined(c -> MovedRows.left(c, backends.others()));
    }

    /**
     * Returns the next packs to move, by id.
     *
     * @param after id of the last pack seen; 0 to start
     */
    public List<Standing> next(long after, int limit) {
        return database.joined(c -> MovedRows.next(c, backends.others(), after, limit));
    }

    /**
     * Moves one pack.
     *
     * @return false if the pack was condemned or moved in the meantime; it is then left where it is
     * @throws IOException if a backend fails or the bytes are damaged; the pack then stays where it is
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

    /** Returns the SHA-256 of the copied bytes. */
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

    /** Receives blocks of bytes. */
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
