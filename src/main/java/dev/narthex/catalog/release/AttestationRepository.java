package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.spi.Attestation;
import dev.narthex.spi.Attestation.Summary;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Reads and writes the attestations of artifacts. */
@ApplicationScoped
public class AttestationRepository {
    /** Column of artifact {@code a}: the summary of its first attestation, or null. */
    static final String FIRST = """
            cast((select json_build_object('predicateType', t.predicate_type, 'says', t.says) from attestation t
             where t.artifact_id = a.id order by t.n limit 1) as text) as attested""";

    private final Database sql;

    AttestationRepository(Database sql) {
        this.sql = sql;
    }

    /** Returns the attestations of an artifact of this cache, in the order of the upload. */
    public List<Attestation> of(long cacheId, long artifactId) {
        return sql.statement("""
                        select cast(json_build_object('predicateType', t.predicate_type, 'says', t.says) as text) as summary, t.bundle
                        from attestation t join artifact a on a.id = t.artifact_id
                          join path s on s.id = a.path_id and s.cache_id = :cache
                        where t.artifact_id = :artifact order by t.n""")
                .bind("cache", cacheId)
                .bind("artifact", artifactId)
                .list(row ->
                        new Attestation(JsonColumns.read(row.string("summary"), Summary.class), row.string("bundle")));
    }

    /** Returns the attestations of all files of a release, by file name, then in the order of the upload. */
    public List<FileAttestation> ofRelease(long cacheId, long releaseId, int limit) {
        return sql.statement("""
                        select a.filename, cast(json_build_object('predicateType', t.predicate_type, 'says', t.says) as text) as summary
                        from artifact a join path s on s.id = a.path_id and s.cache_id = :cache
                          join attestation t on t.artifact_id = a.id
                        where a.release_id = :release order by a.filename, a.id, t.n limit :limit""")
                .bind("cache", cacheId)
                .bind("release", releaseId)
                .bind("limit", limit)
                .list(row -> new FileAttestation(
                        row.string("filename"), JsonColumns.read(row.string("summary"), Summary.class)));
    }

    /** Adds attestations. Those of the first upload are kept when the same file is uploaded again with others. */
    void add(long artifactId, List<Attestation> attestations) {
        for (int n = 0; n < attestations.size(); n++) {
            var attestation = attestations.get(n);
            sql.statement("""
                    insert into attestation (artifact_id, n, predicate_type, says, bundle)
                    values (:artifact, :n, :type, cast(:says as jsonb), :bundle) on conflict do nothing""")
                    .bind("artifact", artifactId)
                    .bind("n", n)
                    .bind("type", attestation.summary().predicateType())
                    .bind("says", JsonColumns.write(attestation.summary().says()))
                    .bind("bundle", attestation.bundle())
                    .update();
        }
    }
}
