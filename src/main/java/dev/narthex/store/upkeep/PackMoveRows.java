package dev.narthex.store.upkeep;

import dev.narthex.db.Database;
import dev.narthex.store.PackLeases;
import dev.narthex.store.pack.Backend;
import dev.narthex.store.pack.PackKey;
import dev.narthex.store.pack.StoreConfig;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Queries and updates rows of the table pack for moves between backends. */
@ApplicationScoped
public class PackMoveRows {
    private static final String IN_OTHER_BACKENDS = "p.state = 'L' AND p.backend = ANY (cast(:backends AS smallint[]))";

    private final Database database;
    private final PackLeases packs;
    private final StoreConfig config;

    public PackMoveRows(Database database, PackLeases packs, StoreConfig config) {
        this.database = database;
        this.packs = packs;
        this.config = config;
    }

    PackMover.RemainingPacks remaining(List<Integer> otherBackends) {
        var row = database.statement("SELECT count(*) AS packs, coalesce(sum(bytes), 0) AS bytes FROM pack p WHERE "
                        + IN_OTHER_BACKENDS)
                .bind("backends", otherBackends.toArray(Integer[]::new))
                .one();
        return new PackMover.RemainingPacks(row.longValue("packs"), row.longValue("bytes"));
    }

    List<PackMover.PendingPack> listPending(List<Integer> otherBackends, long after, int limit) {
        return database.statement("""
                        SELECT p.id, d.code, p.key, p.copy, p.backend, p.domain_id, p.bytes, p.crc32c
                        FROM pack p JOIN dedup_domain d ON d.id = p.domain_id
                        WHERE p.id > :after AND\s""" + IN_OTHER_BACKENDS + " ORDER BY p.id LIMIT :limit")
                .bind("after", after)
                .bind("backends", otherBackends.toArray(Integer[]::new))
                .bind("limit", limit)
                .list(row -> new PackMover.PendingPack(
                        row.longValue("id"),
                        PackKey.of(row),
                        row.intValue("backend"),
                        row.longValue("domain_id"),
                        row.longValue("bytes"),
                        row.intValue("crc32c")));
    }

    /** Inserts the row of a copy. The copy number is the id of this row, so it is unique. */
    public PackLeases.LeasedPack insertCopy(PackMover.PendingPack pack, Backend target) {
        long id = database.inNewTransaction(() -> database.statement("""
                        WITH own AS (SELECT nextval(pg_get_serial_sequence('pack', 'id')) AS id)
                        INSERT INTO pack (id, key, copy, domain_id, backend, lease_until) OVERRIDING SYSTEM VALUE
                        SELECT id, :key, id, :domain, :backend, now() + make_interval(secs => :lease) FROM own
                        RETURNING id""")
                .bind("key", pack.key().id())
                .bind("domain", pack.domainId())
                .bind("backend", target.number())
                .bind("lease", config.lease())
                .one()
                .longValue("id"));
        return new PackLeases.LeasedPack(
                id, new PackKey(pack.key().domain(), pack.key().id(), id), target);
    }

    /**
     * Changes a pack's row to its copy. The pack's row is locked first: a concurrent transaction that condemns the pack either
     * runs before, so that nothing is replaced, or after, and condemns the copy.
     *
     * @return false if the pack is no longer live or no longer at its old place
     * @throws dev.narthex.problem.ProblemException if the lease of the copy was lost
     */
    boolean replaceByCopy(PackMover.PendingPack pack, PackLeases.LeasedPack copy) {
        return database.inNewTransaction(() -> {
            if (!lockPack(pack)) {
                return false;
            }
            packs.deleteLeasedRow(copy);
            pointToCopy(pack, copy);
            insertCondemned(pack);
            return true;
        });
    }

    private boolean lockPack(PackMover.PendingPack pack) {
        return database.statement("""
                        SELECT id FROM pack WHERE id = :pack AND state = 'L' AND backend = :backend AND copy = :copy
                        FOR UPDATE""")
                .bind("pack", pack.id())
                .bind("backend", pack.backend())
                .bind("copy", pack.key().copy())
                .first()
                .isPresent();
    }

    private void pointToCopy(PackMover.PendingPack pack, PackLeases.LeasedPack copy) {
        database.statement("UPDATE pack SET backend = :backend, copy = :copy, verified_at = now() WHERE id = :pack")
                .bind("backend", copy.backend().number())
                .bind("copy", copy.key().copy())
                .bind("pack", pack.id())
                .update();
    }

    /**
     * Inserts a condemned row for the bytes at the old place, so that they are deleted after the grace period. Snapshots do not
     * protect them: recovery finds a moved pack at its new place.
     */
    private void insertCondemned(PackMover.PendingPack pack) {
        database.statement("""
                        INSERT INTO pack (key, copy, domain_id, backend, state, bytes, raw_bytes, chunks, crc32c, created_at,
                          condemned_at, next_try)
                        SELECT key, :copy, domain_id, :backend, 'C', bytes, raw_bytes, chunks, crc32c, created_at,
                          '-infinity', now() + make_interval(secs => :grace)
                        FROM pack WHERE id = :pack""")
                .bind("copy", pack.key().copy())
                .bind("backend", pack.backend())
                .bind("grace", config.grace())
                .bind("pack", pack.id())
                .update();
    }
}
