package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import dev.narthex.db.DatabaseException;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Promises file contents: once an index response has listed a file, its name always means the same bytes. The unique index
 * artifact_promise enforces at most one promised artifact per file name of a release.
 *
 * <p>Locks in the order of {@link Releases}. Skips artifacts that are no longer the ones served under their file names, or lost
 * to a concurrent promise; the caller then reads the release again and promises the current ones.
 */
@ApplicationScoped
class Promises {
    private final Database sql;

    Promises(Database sql) {
        this.sql = sql;
    }

    boolean keep(List<Long> artifactIds) {
        var ids = artifactIds.stream().distinct().toArray(Long[]::new);
        if (open(ids) == 0) {
            return true;
        }
        try {
            return QuarkusTransaction.requiringNew().call(() -> {
                promise(ids);
                return open(ids) == 0;
            });
        } catch (DatabaseException.Constraint e) {
            return false;
        }
    }

    private long open(Long[] ids) {
        return sql.statement("""
                        select cardinality(cast(:ids as bigint[])) - count(*) as n from artifact
                        where id = any(cast(:ids as bigint[])) and promised_at is not null""").bind("ids", ids).list().getFirst().longValue("n");
    }

    private void promise(Long[] ids) {
        sql.statement("""
                select r.id from release r
                where r.id in (select a.release_id from artifact a where a.id = any(cast(:ids as bigint[])))
                order by r.id for no key update""").bind("ids", ids).list();
        sql.statement("""
                update artifact set promised_at = now() where id in (
                  select a.id from artifact a
                  where a.id = any(cast(:ids as bigint[])) and a.promised_at is null and a.state = 'released'
                    and a.id = (select o.id from artifact o where o.release_id = a.release_id and o.filename = a.filename
                                order by\s""" + PrimaryArtifact.order("o") + """
                      limit 1)
                  order by a.id for no key update)""").bind("ids", ids).update();
    }
}
