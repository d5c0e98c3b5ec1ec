package dev.narthex.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.narthex.nix.DerivationOutput;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Map;
import java.util.Optional;

/** Which store paths the outputs of content-addressing derivations turned out to be: JSON, as nix sends it. */
@ApplicationScoped
public class Realisations {
    private final Sql sql;

    Realisations(Sql sql) {
        this.sql = sql;
    }

    /** The JSON of an output. */
    public Optional<String> find(long cacheId, DerivationOutput of) {
        return body(
                "select cast(body as text) as body from realisation where cache_id = :cache and key = :key",
                cacheId,
                of);
    }

    /**
     * Enters a realisation unless there is one.
     *
     * @return the one that is there, which nobody else changes before the transaction ends
     */
    @Transactional(TxType.MANDATORY)
    public Optional<String> add(long cacheId, DerivationOutput of, JsonNode body) {
        int added = sql.change("""
                insert into realisation (cache_id, key, body) values (:cache, :key, cast(:body as jsonb))
                on conflict (cache_id, key) do nothing""", with(cacheId, of, body));
        return added > 0 ? Optional.empty() : body("""
                        select cast(body as text) as body from realisation
                        where cache_id = :cache and key = :key for update""", cacheId, of);
    }

    @Transactional(TxType.MANDATORY)
    public void replace(long cacheId, DerivationOutput of, JsonNode body) {
        sql.change(
                "update realisation set body = cast(:body as jsonb) where cache_id = :cache and key = :key",
                with(cacheId, of, body));
    }

    private Optional<String> body(String query, long cacheId, DerivationOutput of) {
        return sql.first(query, Map.of("cache", cacheId, "key", of.toString())).map(row -> row.text("body"));
    }

    private static Map<String, Object> with(long cacheId, DerivationOutput of, JsonNode body) {
        return Map.of("cache", cacheId, "key", of.toString(), "body", Json.write(body));
    }
}
