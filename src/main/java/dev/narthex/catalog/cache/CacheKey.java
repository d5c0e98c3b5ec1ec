package dev.narthex.catalog.cache;

import dev.narthex.db.Row;
import dev.narthex.nix.PublicKey;
import java.time.Instant;

/** A key of a cache, without its secret. */
public record CacheKey(PublicKey publicKey, State state, Instant createdAt) {
    /** The use of a key. */
    public enum State {
        /** Signs every narinfo. */
        SIGNING,
        /** Does not sign, but can be enabled again. */
        RETIRED,
        /** Has no secret: it was destroyed, or the key belongs to a builder that the cache knows. */
        KNOWN
    }

    static CacheKey of(Row row) {
        var secret = row.bool("secret") ? State.RETIRED : State.KNOWN;
        return new CacheKey(
                new PublicKey(row.string("name"), row.bytes("public_key")),
                row.bool("signing") ? State.SIGNING : secret,
                row.instant("created_at"));
    }
}
