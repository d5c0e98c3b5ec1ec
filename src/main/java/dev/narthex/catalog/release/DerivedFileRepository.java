package dev.narthex.catalog.release;

import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.nix.NixHash;
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
 * Records which files were made from which trees, so that no file is made twice. The key determines the bytes: the NAR hash of
 * the tree, the transcoder with its version, and the file name.
 */
@ApplicationScoped
public class DerivedFileRepository {
    private final Database sql;

    DerivedFileRepository(Database sql) {
        this.sql = sql;
    }

    /** @param transcoder name and version */
    public record DerivedFileKey(NixHash nar, String transcoder, String filename) {
        String text() {
            return storeName(nar) + transcoder + "/" + filename;
        }

        static String storeName(NixHash nar) {
            return "derived/" + nar.nix32() + "/";
        }
    }

    public Optional<DerivedFile> find(long cacheId, String ecosystem, DerivedFileKey key) {
        return sql.statement("""
                        select cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and ecosystem = :ecosystem and package_id is null and key = :key""")
                .bindAll(keyParameters(cacheId, ecosystem, key))
                .first()
                .map(row -> JsonColumns.read(row.string("body"), DerivedFile.class));
    }

    @Transactional(TxType.MANDATORY)
    public void put(long cacheId, String ecosystem, DerivedFileKey key, DerivedFile file) {
        sql.statement("""
                insert into ecosystem_state (cache_id, ecosystem, package_id, key, body)
                values (:cache, :ecosystem, null, :key, cast(:body as jsonb))
                on conflict (cache_id, ecosystem, package_id, key) do update set body = excluded.body""")
                .bindAll(with(keyParameters(cacheId, ecosystem, key), "body", JsonColumns.write(file)))
                .update();
    }

    /**
     * Deletes the records of files that were made from this NAR and are no longer offered. The files themselves stay.
     *
     * @return the files that no other record has
     */
    @Transactional(TxType.MANDATORY)
    public List<DerivedFile> deleteOthers(long cacheId, String ecosystem, NixHash nar, List<DerivedFileKey> keep) {
        return sql
                .statement("""
                        delete from ecosystem_state
                        where cache_id = :cache and ecosystem = :ecosystem and package_id is null
                          and starts_with(key, :under) and key <> all(cast(:keep as text[]))
                        returning cast(body as text) as body""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("under", DerivedFileKey.storeName(nar))
                .bind("keep", keep.stream().map(DerivedFileKey::text).toArray(String[]::new))
                .list()
                .stream()
                .map(row -> JsonColumns.read(row.string("body"), DerivedFile.class))
                .filter(file -> !isMade(cacheId, ecosystem, file.hashPart()))
                .toList();
    }

    /** Returns whether another record has this file: trees that differ only in omitted files yield the same file. */
    private boolean isMade(long cacheId, String ecosystem, String hashPart) {
        return findMade(cacheId, hashPart)
                .anyMatch(row -> row.string("ecosystem").equals(ecosystem));
    }

    /** Returns the hash part of a path from which this file was made. */
    public Optional<String> source(long cacheId, String hashPart) {
        return findMade(cacheId, hashPart)
                .map(row ->
                        JsonColumns.read(row.string("body"), DerivedFile.class).source())
                .findFirst();
    }

    /** Returns the hash parts of the files that were made from these NARs. */
    public List<String> listMadeFrom(long cacheId, Collection<NixHash> nars) {
        return sql.statement("""
                        select distinct body ->> 'hashPart' as hash from ecosystem_state
                        where cache_id = :cache and package_id is null and key like 'derived/%'
                          and split_part(key, '/', 2) = any(cast(:nars as text[])) order by 1 limit 10000""")
                .bind("cache", cacheId)
                .bind("nars", nars.stream().map(NixHash::nix32).toArray(String[]::new))
                .list(row -> row.string("hash"));
    }

    private Stream<Row> findMade(long cacheId, String hashPart) {
        return sql.statement("""
                        select ecosystem, cast(body as text) as body from ecosystem_state
                        where cache_id = :cache and starts_with(key, 'derived/') and body ->> 'hashPart' = :hash
                        order by ecosystem, key limit 100""").bind("cache", cacheId).bind("hash", hashPart).list().stream();
    }

    /**
     * Returns whether this build already contains an original file of the release, so that none needs to be derived from its
     * other outputs.
     */
    public boolean hasOriginalFile(long cacheId, String ecosystem, String normalized, String version, String build) {
        return sql.statement("""
                        select true as yes from package k join release r on r.package_id = k.id and r.version = :version
                          join artifact a on a.release_id = r.id and a.origin = 'exact' and a.build = cast(:build as char(32))
                        where k.cache_id = :cache and k.ecosystem = :ecosystem and k.normalized = :normalized limit 1""")
                .bind("cache", cacheId)
                .bind("ecosystem", ecosystem)
                .bind("normalized", normalized)
                .bind("version", version)
                .bind("build", build)
                .first()
                .isPresent();
    }

    private static Map<String, Object> keyParameters(long cacheId, String ecosystem, DerivedFileKey key) {
        return Map.of("cache", cacheId, "ecosystem", ecosystem, "key", key.text());
    }

    private static Map<String, Object> with(Map<String, Object> values, String name, String value) {
        var more = new HashMap<>(values);
        more.put(name, value);
        return more;
    }
}
