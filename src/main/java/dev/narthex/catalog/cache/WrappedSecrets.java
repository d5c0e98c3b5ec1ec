package dev.narthex.catalog.cache;

import dev.narthex.db.Database;
import dev.narthex.spi.SecretWrapper;
import jakarta.enterprise.context.ApplicationScoped;

/** Reads the wrapped signing keys of all caches. */
@ApplicationScoped
public class WrappedSecrets {
    private final Database sql;
    private final SecretWrapper wrapping;

    WrappedSecrets(Database sql, SecretWrapper wrapping) {
        this.sql = sql;
        this.wrapping = wrapping;
    }

    /** Returns whether this instance's key can unwrap the secrets; checks only the newest one. True if there are none. */
    public boolean open() {
        return sql.statement("""
                        select secret_wrapped from cache_key where secret_wrapped is not null
                        order by id desc limit 1""").list().stream().allMatch(row -> canOpen(row.bytes("secret_wrapped")));
    }

    private boolean canOpen(byte[] wrapped) {
        try {
            wrapping.unwrap(wrapped);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
