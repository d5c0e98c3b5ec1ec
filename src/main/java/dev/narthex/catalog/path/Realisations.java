package dev.narthex.catalog.path;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.catalog.JsonColumns;
import dev.narthex.db.Database;
import dev.narthex.nix.DerivationOutput;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Map;
import java.util.Optional;

/** Stores realisations: the store paths of the outputs of content-addressed derivations, as JSON in nix's format. */
@ApplicationScoped
public class Realisations {
    private final Database sql;

    Realisations(Database sql) {
        this.sql = sql;
    }

    /** Finds the realisation of an output. */
    public Optional<String> find(long cacheId, DerivationOutput output) {
        return body(
                "select cast(body as text) as body from realisation where cache_id = :cache and key = :key",
                cacheId,
                output);
    }

    /**
     * Adds a realisation, unless the output already has one.
     *
     * @return the existing realisation, locked until the transaction ends; empty if this one was added
     */
    @Transactional(TxType.MANDATORY)
    public Optional<String> add(long cacheId, DerivationOutput output, JsonNode body) {
        int added = sql.statement("""
                insert into realisation (cache_id, key, body) values (:cache, :key, cast(:body as jsonb))
                on conflict (cache_id, key) do nothing""").bindAll(with(cacheId, output, body)).update();
        return added > 0 ? Optional.empty() : body("""
                        select cast(body as text) as body from realisation
                        where cache_id = :cache and key = :key for update""", cacheId, output);
    }

    @Transactional(TxType.MANDATORY)
    public void replace(long cacheId, DerivationOutput output, JsonNode body) {
        sql.statement("update realisation set body = cast(:body as jsonb) where cache_id = :cache and key = :key")
                .bindAll(with(cacheId, output, body))
                .update();
    }

    private Optional<String> body(String query, long cacheId, DerivationOutput output) {
        return sql.statement(query)
                .bind("cache", cacheId)
                .bind("key", output.toString())
                .first()
                .map(row -> row.string("body"));
    }

    private static Map<String, Object> with(long cacheId, DerivationOutput output, JsonNode body) {
        return Map.of("cache", cacheId, "key", output.toString(), "body", JsonColumns.write(body));
    }
}
