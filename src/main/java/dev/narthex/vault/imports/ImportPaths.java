package dev.narthex.vault.imports;

import dev.narthex.db.Database;
import dev.narthex.nix.NarInfo;
import dev.narthex.nix.StorePath;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The queue of paths of an import. A path starts as wanted; its narinfo makes it known and adds its references as wanted; then it
 * reaches a final state. A known path waits until all its references are final, so that references are imported before their
 * referrers.
 */
@ApplicationScoped
public class ImportPaths {
    private final Database sql;

    ImportPaths(Database sql) {
        this.sql = sql;
    }

    /** The state of a path. The final states are: imported, in the cache before, not at the source, and failed or rejected. */
    public enum State {
        WANTED,
        KNOWN,
        FETCHED,
        HERE,
        MISSING,
        FAILED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param narInfo empty while the path is only wanted */
    public record NextPath(String hashPart, String narInfo) {}

    /**
     * @param bytes sum of NAR sizes
     * @param recent the part of {@code bytes} that was imported recently
     */
    public record ImportTotals(long paths, long bytes, long recent) {
        public static final ImportTotals ZERO = new ImportTotals(0, 0, 0);
    }

    /** @param name base name, or only the hash part if the name is unknown */
    public record PathFailure(String name, State state, String reason) {}

    /** Adds paths as wanted; existing ones keep their state. */
    @Transactional(TxType.MANDATORY)
    public void addWanted(ImportRun run, Collection<String> hashParts) {
        lock(run);
        add(run, hashParts);
    }

    private void add(ImportRun run, Collection<String> hashParts) {
        sql.statement("""
                insert into import_path (run_id, hash_part)
                select distinct cast(:run as bigint), h from unnest(cast(:hashes as char(32)[])) h
                on conflict (run_id, hash_part) do nothing""")
                .bind("run", run.id())
                .bind("hashes", array(hashParts))
                .update();
    }

    /**
     * Serializes the changes of an import, each of which is short. Locks on the paths themselves could deadlock, because
     * references give no consistent order.
     */
    private void lock(ImportRun run) {
        sql.statement("select id from import_run where cache_id = :cache and id = :id for no key update")
                .bind("cache", run.cacheId())
                .bind("id", run.id())
                .first();
    }

    /**
     * Returns paths that can be processed now; none if the import is stopped. Wanted ones come first, so that the total is known
     * early.
     */
    public List<NextPath> next(ImportRun run, int limit, Collection<String> except) {
        return sql.statement("""
                        select hash_part, nar_info from import_path
                        where run_id = :run and state in ('wanted', 'known') and waits_for = 0
                          and hash_part <> all(cast(:except as char(32)[]))
                          and exists (select from import_run r where r.id = :run and r.state = 'running')
                        order by state desc, hash_part limit :limit""")
                .bind("run", run.id())
                .bind("limit", limit)
                .bind("except", array(except))
                .list(row -> new NextPath(row.string("hash_part"), row.string("nar_info")));
    }

    /** Stores the narinfo of a wanted path. */
    @Transactional(TxType.MANDATORY)
    public void storeNarInfo(ImportRun run, NarInfo info) {
        var references = info.references().stream()
                .map(base -> StorePath.parseBaseName(base).hash())
                .filter(hash -> !hash.equals(info.path().hash()))
                .toList();
        lock(run);
        add(run, references);
        sql.statement("""
                with edge as (
                    insert into import_reference (run_id, reference, referrer)
                    select :run, hash_part, cast(:hash as char(32)) from import_path
                    where run_id = :run and hash_part = any(cast(:references as char(32)[])) and state in ('wanted', 'known')
                    on conflict do nothing returning 1)
                update import_path set state = 'known', name = :name, nar_info = :info, nar_size = :size,
                  waits_for = (select count(*) from edge)
                where run_id = :run and hash_part = cast(:hash as char(32)) and state = 'wanted'""")
                .bind("run", run.id())
                .bind("hash", info.path().hash())
                .bind("name", info.path().name())
                .bind("info", info.text())
                .bind("size", info.narSize())
                .bind("references", array(references))
                .update();
    }

    /** Sets the final state of a path, and unblocks the paths that waited for it. */
    @Transactional(TxType.MANDATORY)
    public void setFinalState(ImportRun run, String hashPart, State state, String reason) {
        lock(run);
        sql.statement("""
                update import_path set state = :state, reason = :reason, nar_info = '', ended_at = now()
                where run_id = :run and hash_part = cast(:hash as char(32)) and state in ('wanted', 'known')""")
                .bind("run", run.id())
                .bind("hash", hashPart)
                .bind("state", state.word())
                .bind("reason", reason)
                .update();
        sql.statement("""
                with freed as (
                    delete from import_reference where run_id = :run and reference = cast(:hash as char(32)) returning referrer)
                update import_path p set waits_for = p.waits_for - 1
                from freed f where p.run_id = :run and p.hash_part = f.referrer""").bind("run", run.id()).bind("hash", hashPart).update();
    }

    /**
     * Fails the paths that wait for each other, if no other work is left. Only invalid narinfos can cause that. Returns their
     * number.
     */
    @Transactional(TxType.MANDATORY)
    public int finishCycles(ImportRun run) {
        lock(run);
        return sql.statement("""
                update import_path p set state = 'failed', reason = 'it refers to itself by way of others', ended_at = now()
                where p.run_id = :run and p.state = 'known' and not exists (
                  select from import_path o where o.run_id = :run and o.state in ('wanted', 'known') and o.waits_for = 0)""").bind("run", run.id()).update();
    }

    public Map<State, ImportTotals> totals(ImportRun run, Duration recent) {
        var sums = new EnumMap<State, ImportTotals>(State.class);
        for (var row : sql.statement("""
                select state, count(*) as n, sum(nar_size) as bytes, coalesce(sum(nar_size)
                  filter (where state = 'fetched' and ended_at > now() - make_interval(secs => :recent)), 0) as recent
                from import_path where run_id = :run group by state""")
                .bind("run", run.id())
                .bind("recent", recent.toSeconds())
                .list()) {
            var state = State.valueOf(row.string("state").toUpperCase(Locale.ROOT));
            sums.put(state, new ImportTotals(row.longValue("n"), row.longValue("bytes"), row.longValue("recent")));
        }
        return sums;
    }

    /** Returns the paths that are missing or failed. */
    public List<PathFailure> listFailures(ImportRun run, int limit) {
        return sql.statement("""
                        select hash_part, name, state, reason from import_path
                        where run_id = :run and state in ('missing', 'failed') order by state, name, hash_part limit :limit""")
                .bind("run", run.id())
                .bind("limit", limit)
                .list(row -> new PathFailure(
                        row.string("name").isEmpty()
                                ? row.string("hash_part")
                                : row.string("hash_part") + "-" + row.string("name"),
                        State.valueOf(row.string("state").toUpperCase(Locale.ROOT)),
                        row.string("reason")));
    }

    private static String[] array(Collection<String> texts) {
        return texts.toArray(String[]::new);
    }
}
