package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Lists all builds of a release, including those that registries do not serve. */
@ApplicationScoped
public class ReleaseBuilds {
    private final Database sql;

    ReleaseBuilds(Database sql) {
        this.sql = sql;
    }

    /** Returns artifacts, newest first. */
    public List<BuildArtifact> of(long cacheId, long releaseId, int limit) {
        return sql.statement("""
                        select a.build, s.hash_part, s.name, a.filename, a.output, a.platform, a.origin,
                          a.state = 'released' as released, a.promised_at is not null as promised, a.length,
                          encode(a.sha256, 'hex') as sha256,
                          cardinality(array_remove(s.refs, s.hash_part || '-' || s.name)) as refs, s.deriver, s.pushed_by, a.at
                        from artifact a join path s on s.id = a.path_id and s.cache_id = :cache
                        where a.release_id = :release order by a.at desc, a.id desc limit :limit""")
                .bind("cache", cacheId)
                .bind("release", releaseId)
                .bind("limit", limit)
                .list(BuildArtifact::of);
    }
}
