package dev.narthex.catalog.release;

import dev.narthex.catalog.change.ChangeLog;
import dev.narthex.catalog.release.ReleaseRows.LockedPackage;
import dev.narthex.catalog.release.ReleaseRows.LockedRelease;
import dev.narthex.db.Database;
import dev.narthex.nix.HashAlgorithm;
import dev.narthex.nix.NixHash;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Publication;
import dev.narthex.spi.PublishTarget;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Publishes releases through the registries of their ecosystems. Locks in the order of {@link Releases}, the package first:
 * concurrent uploads of the same version are serialized, and uploads of different versions all succeed.
 */
@ApplicationScoped
public class ReleasePublisher {
    private static final String KIND = "release";

    private final Database sql;
    private final ChangeLog changes;
    private final ReleaseRows rows;
    private final ArtifactRows artifacts;
    private final AttestationRepository attestations;
    private final PrimaryArtifact lead;

    ReleasePublisher(
            Database sql,
            ChangeLog changes,
            ReleaseRows rows,
            ArtifactRows artifacts,
            AttestationRepository attestations,
            PrimaryArtifact primaryArtifact) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.artifacts = artifacts;
        this.attestations = attestations;
        this.lead = primaryArtifact;
    }

    /**
     * Adds a file to a release and promises its bytes immediately, because the publisher knows their digest.
     *
     * @param recognized must be allowed to be released
     * @param check rejects the publication with an error in the ecosystem's terms
     * @return whether no file was served under this name before
     * @throws dev.narthex.problem.ProblemException Conflict if {@code check} accepts the publication, but the file name has or
     *     had other bytes, or the package name is too similar to another one
     */
    @Transactional(TxType.MANDATORY)
    public boolean publish(
            Cache cache,
            String ecosystem,
            Publication publication,
            RecognizedRelease recognized,
            Consumer<PublishTarget> check) {
        var lockedPackage = rows.lockPackage(cache.id(), ecosystem, recognized);
        var release = rows.lockRelease(lockedPackage.id(), recognized);
        var target = place(cache.id(), ecosystem, publication, recognized, lockedPackage, release);
        check.accept(target);
        requireFree(target, publication, recognized.digests().getFirst().sha256());
        var tombstones = revivedTombstones(cache.id(), ecosystem, recognized);
        var upserted = artifacts.upsert(release.id(), recognized, tombstones, release.created());
        long artifactId = upserted.ids().iterator().next();
        attestations.add(artifactId, publication.attestations());
        lead.update(cache.id(), ecosystem, release, recognized, upserted.ids());
        if (!release.created()) {
            promise(cache.id(), release.id(), publication.filename(), artifactId);
            rows.updateState(cache.id(), release.id());
        }
        rows.chooseDefault(lockedPackage.id());
        if (!lockedPackage.owned()) {
            rows.markOwned(cache.id(), lockedPackage.id());
        }
        publication.tags().forEach(tag -> putTag(lockedPackage.id(), release.id(), tag, recognized.recognizer()));
        changes.append(
                cache.id(),
                KIND,
                Optional.of(lockedPackage.id()),
                Optional.of(release.id()),
                Optional.of(recognized.path().path().hash()));
        return target.taken().isEmpty();
    }

    private PublishTarget place(
            long cacheId,
            String ecosystem,
            Publication publication,
            RecognizedRelease recognized,
            LockedPackage lockedPackage,
            LockedRelease release) {
        var under = findSameName(cacheId, ecosystem, publication.filename(), recognized, lockedPackage);
        return new PublishTarget(
                Optional.ofNullable(under.get(false)),
                Optional.ofNullable(under.get(true)),
                release.created() ? List.of() : listOtherFiles(cacheId, release.id(), publication.filename()),
                lockedPackage.created()
                        ? findSimilarName(cacheId, ecosystem, publication.distinct(), recognized)
                        : Optional.empty());
    }

    /**
     * Returns the SHA-256 of the file that is served under this name in any release of the package ({@code false}), and of a
     * removed file of this name ({@code true}).
     */
    private Map<Boolean, NixHash> findSameName(
            long cacheId, String ecosystem, String filename, RecognizedRelease release, LockedPackage lockedPackage) {
        return sql
                .statement("""
                        (select a.sha256, false as removed from release r join artifact a on a.release_id = r.id
                           join path s on s.id = a.path_id and s.cache_id = :cache
                         where r.package_id = :package and a.filename = :filename and a.state = 'released'
                         order by %s limit 1)
                        union all
                        (select sha256, true as removed from tombstone where cache_id = :cache and ecosystem = :ecosystem
                           and normalized = :normalized and filename = :filename and sha256 is not null
                         order by at limit 1)""".formatted(PrimaryArtifact.ORDER))
                .bind("cache", cacheId)
                .bind("package", lockedPackage.id())
                .bind("ecosystem", ecosystem)
                .bind("normalized", release.normalized())
                .bind("filename", filename)
                .list()
                .stream()
                .collect(Collectors.toMap(row -> row.bool("removed"), row -> row.hash("sha256", HashAlgorithm.SHA256)));
    }

    private List<String> listOtherFiles(long cacheId, long releaseId, String filename) {
        return sql.statement("""
                        select distinct a.filename from artifact a join path s on s.id = a.path_id and s.cache_id = :cache
                        where a.release_id = :release and a.filename <> :filename and a.state = 'released'
                        order by a.filename""")
                .bind("cache", cacheId)
                .bind("release", releaseId)
                .bind("filename", filename)
                .list(row -> row.string("filename"));
    }

    /** Returns the tombstones of a release. Publishing a deleted release again removes the tombstone of the release itself. */
    private Tombstones revivedTombstones(long cacheId, String ecosystem, RecognizedRelease release) {
        var tombstones = rows.tombstones(cacheId, ecosystem, release);
        if (!tombstones.isWholeRelease()) {
            return tombstones;
        }
        rows.revive(cacheId, ecosystem, release.normalized(), release.found().version());
        return rows.tombstones(cacheId, ecosystem, release);
    }

    private void promise(long cacheId, long releaseId, String filename, long artifactId) {
        sql.statement("""
                update artifact set promised_at = now() where id = :artifact and promised_at is null
                  and path_id in (select p.id from path p where p.cache_id = :cache and p.id = path_id)
                  and not exists (select from artifact o
                    where o.release_id = :release and o.filename = :filename and o.promised_at is not null)""")
                .bind("artifact", artifactId)
                .bind("cache", cacheId)
                .bind("release", releaseId)
                .bind("filename", filename)
                .update();
    }

    private void putTag(long packageId, long releaseId, String tag, String by) {
        sql.statement("""
                insert into tag (package_id, name, release_id, by) values (:package, :tag, :release, nullif(:by, ''))
                on conflict (package_id, name) do update set release_id = excluded.release_id, at = now(), by = excluded.by
                where tag.release_id <> excluded.release_id""")
                .bind("package", packageId)
                .bind("tag", tag)
                .bind("release", releaseId)
                .bind("by", by)
                .update();
    }

    /**
     * Finds an existing name that users could confuse with a new one. Locks, until the transaction ends, other new names that are
     * as similar.
     */
    private Optional<String> findSimilarName(
            long cacheId, String ecosystem, Publication.NameSimilarity distinct, RecognizedRelease release) {
        if (distinct == Publication.NameSimilarity.FROM_NONE) {
            return Optional.empty();
        }
        Map<String, Object> key = Map.of("cache", cacheId, "ecosystem", ecosystem, "normalized", release.normalized());
        sql.statement("""
                select 1 as one from (select pg_advisory_xact_lock(hashtextextended(
                  concat_ws(' ', cast(:cache as bigint), :ecosystem, %s), 0))) l""".formatted(foldingSql(distinct, ":normalized")))
                .bindAll(key)
                .list();
        return sql.statement("""
                        select name from package where cache_id = :cache and ecosystem = :ecosystem
                          and %s = %s and normalized <> :normalized order by id limit 1""".formatted(foldingSql(distinct, "normalized"), foldingSql(distinct, ":normalized")))
                .bindAll(key)
                .first()
                .map(row -> row.string("name"));
    }

    /** Returns the SQL expressions of the indexes package_alike and package_looks. */
    private static String foldingSql(Publication.NameSimilarity distinct, String name) {
        return switch (distinct) {
            case FROM_NONE -> name;
            case IN_PUNCTUATION -> "lower(translate(" + name + ", '-_.', ''))";
            case IN_LOOKS -> "translate(lower(" + name + "), 'ilo-_.', '110')";
        };
    }

    /** Enforces distinct names and promised bytes, even if the ecosystem accepted the publication. */
    private static void requireFree(PublishTarget target, Publication publication, NixHash sha256) {
        target.similar().ifPresent(similar -> {
            throw Problem.conflict("Too similar", "The name is too similar to that of the package “" + similar + "”.");
        });
        if (target.takenByOthers(sha256) || target.keptForOthers(sha256)) {
            throw Problem.conflict(
                    "Other bytes",
                    "Clients were promised other bytes under the name “" + publication.filename()
                            + "”; they cannot be replaced. Publish another version.");
        }
    }
}
