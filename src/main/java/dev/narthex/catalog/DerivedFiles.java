package dev.narthex.catalog;

import dev.narthex.nix.NixHash;
import dev.narthex.sql.Row;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which files were made of which trees. What is written here is never made again: the key is all that the bytes follow from,
 * the NAR of the tree, the transcoder and the file's name.
 */
@ApplicationScoped
public class DerivedFiles {
    private final Sql sql;

    DerivedFiles(Sql sql) {
        this.sql = sql;
    }

    /** @param transcoder with its number */
    public record Key(NixHash nar, String transcoder, String filename) {
        String text() {
            return under(nar) + transcoder + "/" + filename;
        }

        static String under(NixHash nar) {
            return "derived/" + nar.nix32() + "/";
        }
    }

    public Optional<DerivedFile> find(long cacheId, String ecosystem, Key key) {
        return sql.first("""
                        select cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and ecosystem = :ecosystem and package_id is null and key = :key""", at(cacheId, ecosystem, key)).map(row -> Json.read(row.text("body"), DerivedFile.class));
    }

    @Transactional(TxType.MANDATORY)
    public void put(long cacheId, String ecosystem, Key key, DerivedFile file) {
        sql.change("""
                insert into ecosystem_state (cache_id, ecosystem, package_id, key, body)
                values (:cache, :ecosystem, null, :key, cast(:body as jsonb))
                on conflict (cache_id, ecosystem, package_id, key) do update set body = excluded.body""", with(at(cacheId, ecosystem, key), "body", Json.write(file)));
    }

    /**
     * Forgets what was made of this NAR before and is no longer offered; the files themselves stay where they are.
     *
     * @return those that nothing else here gives
     */
    @Transactional(TxType.MANDATORY)
    public List<DerivedFile> forgetOthers(long cacheId, String ecosystem, NixHash nar, List<Key> keep) {
        return sql
                .rows(
                        """
                        delete from ecosystem_state
                        where cache_id = :cache and ecosystem = :ecosystem and package_id is null
                          and starts_with(key, :under) and key <> all(cast(:keep as text[]))
                        returning cast(body as text) as body""",
                        Map.of(
                                "cache",
                                cacheId,
                                "ecosystem",
                                ecosystem,
                                "under",
                                Key.under(nar),
                                "keep",
                                keep.stream().map(Key::text).toArray(String[]::new)))
                .stream()
                .map(row -> Json.read(row.text("body"), DerivedFile.class))
                .filter(file -> !isMade(cacheId, ecosystem, file.hashPart()))
                .toList();
    }

    /** Trees that differ in what is left out give one file. */
    private boolean isMade(long cacheId, String ecosystem, String hashPart) {
        return made(cacheId, hashPart).anyMatch(row -> row.text("ecosystem").equals(ecosystem));
    }

    /** Hash part of a path that this one was made of. */
    public Optional<String> source(long cacheId, String hashPart) {
        return made(cacheId, hashPart)
                .map(row -> Json.read(row.text("body"), DerivedFile.class).source())
                .findFirst();
    }

    /** Hash parts of the files that were made of these NARs. */
    public List<String> madeOf(long cacheId, Collection<NixHash> nars) {
        return sql
                .rows(
                        """
                        select distinct body ->> 'hashPart' as hash from ecosystem_state
                        where cache_id = :cache and package_id is null and key like 'derived/%'
                          and split_part(key, '/', 2) = any(cast(:nars as text[])) order by 1 limit 10000""",
                        Map.of(
                                "cache",
                                cacheId,
                                "nars",
                                nars.stream().map(NixHash::nix32).toArray(String[]::new)))
                .stream()
                .map(row -> row.text("hash"))
                .toList();
    }

    private Stream<Row> made(long cacheId, String hashPart) {
        return sql.rows("""
                        select ecosystem, cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and starts_with(key, 'derived/') and body ->> 'hashPart' = :hash
                        order by ecosystem, key limit 100""", Map.of("cache", cacheId, "hash", hashPart)).stream();
    }

    /** Whether this build gave a file of this release as it was made: then nothing is derived from another output of it. */
    public boolean needless(long cacheId, String ecosystem, String normalised, String version, String build) {
        return sql.first(
                        """
                        select true as yes from package k join release r on r.package_id = k.id and r.version = :version
                          join artifact a on a.release_id = r.id and a.origin = 'exact' and a.build = cast(:build as char(32))
                        where k.cache_id = :cache and k.ecosystem = :ecosystem and k.normalised = :normalised limit 1""",
                        Map.of(
                                "cache", cacheId,
                                "ecosystem", ecosystem,
                                "normalised", normalised,
                                "version", version,
                                "build", build))
                .isPresent();
    }

    private static Map<String, Object> at(long cacheId, String ecosystem, Key key) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "key", key.text());
    }

    private static Map<String, Object> with(Map<String, Object> values, String name, String value) {
        var more = new HashMap<>(values);
        more.put(name, value);
        return more;
    }
}
