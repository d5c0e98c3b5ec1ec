package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.PackageEditRepository.LockedPackageRef;
import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Stores which people starred which packages. People are identified by ids; package {@code access} has their names. */
@ApplicationScoped
public class Stars {
    private static final String KIND = "star";

    private final Database sql;
    private final ChangeLog changes;

    Stars(Database sql, ChangeLog changes) {
        this.sql = sql;
        this.changes = changes;
    }

    /** Returns the ids of people who starred a package, earliest first. */
    public List<Long> of(long cacheId, String ecosystem, String normalized, int limit) {
        return sql.statement("""
                        select s.person_id from package p join star s on s.package_id = p.id
                        where p.cache_id = :cache and p.ecosystem = :ecosystem and p.normalized = :normalized
                        order by s.at, s.person_id limit :limit""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .bind("limit", limit)
                .list(row -> row.longValue("person_id"));
    }

    /** Returns the names of packages that a person starred, most recent first; only packages with a released version. */
    public List<String> listStarred(long cacheId, String ecosystem, long personId, int limit) {
        return sql.statement("""
                        select p.name from star s join package p on p.id = s.package_id
                        where s.person_id = :person and p.cache_id = :cache and p.ecosystem = :ecosystem
                          and p.default_release is not null
                        order by s.at desc, p.id limit :limit""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("person", personId)
                .bind("limit", limit)
                .list(row -> row.string("name"));
    }

    /** Sets or removes the star of a person. Returns whether that changed anything. */
    @Transactional(TxType.MANDATORY)
    public boolean set(LockedPackageRef lockedPackage, long personId, boolean starred) {
        var key = Map.<String, Object>of(
                "cache", lockedPackage.cacheId(), "package", lockedPackage.id(), "person", personId);
        int changed = sql.statement(starred ? """
                        insert into star (package_id, person_id) select p.id, :person from package p
                        where p.cache_id = :cache and p.id = :package on conflict do nothing""" : """
                        delete from star where person_id = :person
                          and package_id in (select id from package where cache_id = :cache and id = :package)""").bindAll(key).update();
        if (changed > 0) {
            changes.append(
                    lockedPackage.cacheId(), KIND, Optional.of(lockedPackage.id()), Optional.empty(), Optional.empty());
        }
        return changed > 0;
    }
}
