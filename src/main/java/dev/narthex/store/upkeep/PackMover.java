package dev.narthex.store.upkeep;

import dev.narthex.nix.HashAlgorithm;
import dev.narthex.store.PackLeases;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.ConfiguredBackends;
import dev.narthex.store.pack.DamagedException;
import dev.narthex.store.pack.PackKey;
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
public class PackMover {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final ConfiguredBackends backends;
    private final PackLeases packs;
    private final PackMoveRows rows;

    public PackMover(ConfiguredBackends backends, PackLeases packs, PackMoveRows rows) {
        this.backends = backends;
        this.packs = packs;
        this.rows = rows;
    }

    /** A live pack that is not yet in the backend for new packs. */
    public record PendingPack(long id, PackKey key, int backend, long domainId, long bytes, int crc32c) {}

    /** Number and total bytes of the packs that are still to be moved. */
    public record RemainingPacks(long packs, long bytes) {}

    public RemainingPacks remaining() {
        return rows.remaining(backends.otherNumbers());
    }

    /**
     * Returns the next packs to move, by id.
     *
     * @param after id of the last pack seen; 0 to start
     */
    public List<PendingPack> listPending(long after, int limit) {
        return rows.listPending(backends.otherNumbers(), after, limit);
    }

    /**
     * Moves one pack.
     *
     * @return false if the pack was condemned or moved in the meantime; it is then left where it is
     * @throws IOException if a backend fails or the bytes are damaged; the pack then stays where it is
     */
    public boolean move(PendingPack pack) throws IOException {
        var source = backends.getByNumber(pack.backend());
        var copy = rows.insertCopy(pack, backends.writeTarget());
        boolean moved = false;
        try {
            var writtenSha256 = copy(pack, source, copy);
            verifyCopy(pack, copy, writtenSha256);
            moved = rows.replaceByCopy(pack, copy);
            return moved;
        } finally {
            if (!moved) {
                packs.discard(copy);
            }
        }
    }

    /** Returns the SHA-256 of the copied bytes. */
    private byte[] copy(PendingPack pack, Backend source, PackLeases.LeasedPack copy) throws IOException {
        var crc = new CRC32C();
        var sha256 = HashAlgorithm.SHA256.newDigest();
        try (var in = source.open(pack.key(), 0, pack.bytes());
                var out = packs.openWriter(copy)) {
            forEachBlock(in, copy, (bytes, count) -> {
                crc.update(bytes, 0, count);
                sha256.update(bytes, 0, count);
                out.write(bytes, 0, count);
            });
            if ((int) crc.getValue() != pack.crc32c()) {
                throw new DamagedException("pack " + pack.key().path() + " is damaged: its checksum is "
                        + Integer.toHexString((int) crc.getValue()));
            }
            out.commit();
        }
        return sha256.digest();
    }

    private void verifyCopy(PendingPack pack, PackLeases.LeasedPack copy, byte[] writtenSha256) throws IOException {
        var sha256 = HashAlgorithm.SHA256.newDigest();
        long size = copy.backend().size(copy.key()).orElse(-1);
        if (size == pack.bytes()) {
            try (var in = copy.backend().open(copy.key(), 0, size)) {
                forEachBlock(in, copy, (bytes, count) -> sha256.update(bytes, 0, count));
            }
        }
        if (size != pack.bytes() || !MessageDigest.isEqual(writtenSha256, sha256.digest())) {
            throw new DamagedException(
                    "the copy " + copy.key().path() + " of " + pack.bytes() + " bytes is damaged; it has " + size);
        }
    }

    /** Receives blocks of bytes. */
    private interface BlockConsumer {
        void accept(byte[] bytes, int count) throws IOException;
    }

    private void forEachBlock(InputStream in, PackLeases.LeasedPack copy, BlockConsumer consumer) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        long lastRenewal = System.nanoTime();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            consumer.accept(buffer, count);
            if (packs.needsRenewal(lastRenewal)) {
                packs.renew(List.of(copy));
                lastRenewal = System.nanoTime();
            }
        }
    }
}
