package dev.narthex.catalog;

import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Publication;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Releases that somebody sends through the registry of their ecosystem. Locks in the order of {@link Releases}: the package
 * first, so that of two who send one version at once one is the first, and versions that are sent at once all arrive.
 */
@ApplicationScoped
public class Publications {
    private static final String KIND = "release";

    private final Sql sql;
    private final Changes changes;
    private final ReleaseRows rows;
    private final ArtifactRows artifacts;
    private final Attestations attestations;
    private final Lead lead;

    Publications(
            Sql sql, Changes changes, ReleaseRows rows, ArtifactRows artifacts, Attestations attestations, Lead lead) {
        this.sql = sql;
        this.changes = changes;
        this.rows = rows;
        this.artifacts = artifacts;
        this.attestations = attestations;
        this.lead = lead;
    }

    /**
     * Enters a release with its one file, whose bytes are promised at once: its publisher knows their digest.
     *
     * @param recorded may be released
     * @return whether this version was not served before
     * @throws dev.narthex.problem.ProblemException Forbidden if the version is here, or was, with other bytes, and for a name
     *     that is not distinct
     */
    @Transactional(TxType.MANDATORY)
    public boolean publish(Cache cache, String ecosystem, Publication publication, Recorded recorded) {
        var known = rows.lockPackage(cache.id(), ecosystem, recorded, () -> {
            if (publication.distinct()) {
                requireDistinct(cache, ecosystem, recorded.normalised());
            }
        });
        var release = rows.lockRelease(known.id(), recorded);
        var standing =
                release.fresh() ? Optional.<byte[]>empty() : standing(cache.id(), release.id(), publication.filename());
        var sha256 = recorded.digests().getFirst().sha256();
        if (standing.filter(had -> !Arrays.equals(had, sha256.bytes())).isPresent()) {
            throw taken(publication);
        }
        var stones = revived(cache.id(), ecosystem, recorded);
        if (!stones.allow(publication.filename(), sha256)) {
            throw buried(publication);
        }
        var kept = artifacts.upsert(release.id(), recorded, stones, release.fresh());
        long artifactId = kept.ids().iterator().next();
        attestations.add(artifactId, publication.attestations());
        if (!release.fresh()) {
            promise(cache.id(), release.id(), publication.filename(), artifactId);
        }
        lead.follow(cache.id(), ecosystem, release, recorded, kept.ids());
        if (!release.fresh()) {
            rows.judge(cache.id(), release.id());
        }
        rows.chooseDefault(known.id());
        if (!known.owned()) {
            rows.own(cache.id(), known.id());
        }
        publication.tags().forEach(tag -> putTag(known.id(), release.id(), tag, recorded.by()));
        changes.append(
                cache.id(),
                KIND,
                Optional.of(known.id()),
                Optional.of(release.id()),
                Optional.of(recorded.path().path().hash()));
        return standing.isEmpty();
    }

    /** SHA-256 of what is served under this file name of the release. */
    private Optional<byte[]> standing(long cacheId, long releaseId, String filename) {
        return sql.first(
                        """
                        select a.sha256 from artifact a join path s on s.id = a.path_id and s.cache_id = :cache
                        where a.release_id = :release and a.filename = :filename and a.state = 'released'
                        order by\s""" + Lead.ORDER + " limit 1",
                        Map.of("cache", cacheId, "release", releaseId, "filename", filename))
                .map(row -> row.bytes("sha256"));
    }

    /** What stays of an earlier deletion: that of the release as a whole ends when it is sent again. */
    private Tombstones revived(long cacheId, String ecosystem, Recorded recorded) {
        var stones = rows.tombstones(cacheId, ecosystem, recorded);
        if (!stones.whole()) {
            return stones;
        }
        rows.revive(cacheId, ecosystem, recorded.normalised(), recorded.found().version());
        return rows.tombstones(cacheId, ecosystem, recorded);
    }

    private void promise(long cacheId, long releaseId, String filename, long artifactId) {
        sql.change("""
                update artifact set promised_at = now() where id = :artifact and promised_at is null
                  and path_id in (select p.id from path p where p.cache_id = :cache and p.id = path_id)
                  and not exists (select from artifact o
                    where o.release_id = :release and o.filename = :filename and o.promised_at is not null)""", Map.of("artifact", artifactId, "cache", cacheId, "release", releaseId, "filename", filename));
    }

    private void putTag(long packageId, long releaseId, String tag, String by) {
        sql.change("""
                insert into tag (package_id, name, release_id, by) values (:package, :tag, :release, nullif(:by, ''))
                on conflict (package_id, name) do update set release_id = excluded.release_id, at = now(), by = excluded.by
                where tag.release_id <> excluded.release_id""", Map.of("package", packageId, "tag", tag, "release", releaseId, "by", by));
    }

    /**
     * Refuses a new name that readers would take for one that is here. Who else makes such a name waits until this transaction
     * ends.
     */
    private void requireDistinct(Cache cache, String ecosystem, String normalised) {
        Map<String, Object> key = Map.of("cache", cache.id(), "ecosystem", ecosystem, "normalised", normalised);
        sql.rows("""
                select 1 as one from (select pg_advisory_xact_lock(hashtextextended(
                  concat_ws(' ', cast(:cache as bigint), :ecosystem, lower(translate(:normalised, '-_.', ''))), 0))) l""", key);
        if (known(key)) {
            return;
        }
        sql.first("""
                        select name from package where cache_id = :cache and ecosystem = :ecosystem
                          and lower(translate(normalised, '-_.', '')) = lower(translate(:normalised, '-_.', ''))
                        order by id limit 1""", key).ifPresent(row -> {
            throw new Problem.Forbidden("Package name too similar to existing package “" + row.text("name")
                            + "”: they differ only in case and punctuation. Give it another name.")
                    .asException();
        });
    }

    private boolean known(Map<String, Object> key) {
        return sql.first("""
                        select true as yes from package
                        where cache_id = :cache and ecosystem = :ecosystem and normalised = :normalised""", key).isPresent();
    }

    private static ProblemException taken(Publication publication) {
        return new Problem.Forbidden("You cannot publish over the previously published versions: "
                        + publication.version() + ". It is here with other bytes; raise the version.")
                .asException();
    }

    private static ProblemException buried(Publication publication) {
        return new Problem.Forbidden("You cannot publish over the previously published versions: "
                        + publication.version()
                        + ". It was removed, and only the same bytes can take its place; raise the version.")
                .asException();
    }
}
