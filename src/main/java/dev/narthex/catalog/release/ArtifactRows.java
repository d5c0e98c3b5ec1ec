package dev.narthex.catalog.release;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.NixHash;
import dev.narthex.spi.FoundArtifact;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the rows of table artifact for recognition and publishing. */
@ApplicationScoped
class ArtifactRows {
    private static final byte[] NONE = {};

    private final Database sql;

    ArtifactRows(Database sql) {
        this.sql = sql;
    }

    /**
     * @param ids of the artifacts in the table; empty if all were declined
     * @param changed whether any row was inserted or updated
     */
    record UpsertResult(Set<Long> ids, boolean changed) {}

    /**
     * Inserts or updates the artifacts of a release. Promised rows are not changed, and released rows are not set back to
     * proposed, which only a person may do. Artifacts that a person declined are not proposed again.
     *
     * @param promised whether to promise new rows immediately; only valid if no other artifact has their file names
     */
    UpsertResult upsert(long releaseId, RecognizedRelease release, Tombstones tombstones, boolean promised) {
        var ids = new LinkedHashSet<Long>();
        boolean changed = false;
        for (int i = 0; i < release.digests().size(); i++) {
            var artifact = release.found().artifacts().get(i);
            var digests = release.digests().get(i);
            boolean released = release.mayRelease() && tombstones.allow(artifact.filename(), digests.sha256());
            var key = key(releaseId, release, artifact);
            if (!released
                    && tombstones.declines(
                            digests.sha256(), release.path().path().hash())
                    && find(key).isEmpty()) {
                continue;
            }
            var row = sql.statement("""
                    insert into artifact as a (release_id, build, output, platform, filename, path_id, byte_offset, length,
                      sha256, sha512, sha1, origin, state, at, promised_at)
                    values (:release, cast(:build as char(32)), :output, :platform, :filename, :path, :offset, :length,
                      :sha256, nullif(:sha512, cast('' as bytea)), nullif(:sha1, cast('' as bytea)), :origin, :state, :at,
                      case when :promised then now() end)
                    on conflict (release_id, path_id, filename) do update set build = excluded.build,
                      output = excluded.output, platform = excluded.platform, byte_offset = excluded.byte_offset,
                      length = excluded.length, sha256 = excluded.sha256, sha512 = excluded.sha512, sha1 = excluded.sha1,
                      origin = excluded.origin, at = excluded.at,
                      state = case a.state when 'released' then a.state else excluded.state end
                    where a.promised_at is null and (a.build, a.output, a.platform, a.byte_offset, a.length, a.sha256,
                        a.sha512, a.sha1, a.origin, a.at, a.state)
                      is distinct from (excluded.build, excluded.output, excluded.platform, excluded.byte_offset,
                        excluded.length, excluded.sha256, excluded.sha512, excluded.sha1, excluded.origin, excluded.at,
                        case a.state when 'released' then a.state else excluded.state end)
                    returning id""")
                    .bindAll(values(key, release, artifact, digests, released ? "released" : "proposed", promised))
                    .first();
            changed |= row.isPresent();
            ids.add(row.or(() -> find(key)).orElseThrow().longValue("id"));
        }
        return new UpsertResult(ids, changed);
    }

    void delete(long artifactId) {
        sql.statement("delete from artifact where id = :id and promised_at is null")
                .bind("id", artifactId)
                .update();
    }

    private Optional<Row> find(Map<String, Object> key) {
        return sql.statement("""
                        select id from artifact where release_id = :release and path_id = :path and filename = :filename""").bindAll(key).first();
    }

    private static Map<String, Object> key(long releaseId, RecognizedRelease release, FoundArtifact artifact) {
        return Map.of("release", releaseId, "path", release.path().id(), "filename", artifact.filename());
    }

    private static Map<String, Object> values(
            Map<String, Object> key,
            RecognizedRelease release,
            FoundArtifact artifact,
            ArtifactDigests digests,
            String state,
            boolean promised) {
        var values = new HashMap<>(key);
        values.put("build", release.build());
        values.put("output", artifact.output());
        values.put("platform", artifact.platform());
        values.put("offset", artifact.offset());
        values.put("length", artifact.length());
        values.put("sha256", digests.sha256().bytes());
        values.put("sha512", bytes(digests.sha512()));
        values.put("sha1", bytes(digests.sha1()));
        values.put("origin", artifact.origin().column());
        values.put("at", release.path().pushedAt());
        values.put("state", state);
        values.put("promised", promised);
        return values;
    }

    private static byte[] bytes(Optional<NixHash> hash) {
        return hash.map(NixHash::bytes).orElse(NONE);
    }
}
