package dev.narthex.ops.start;

import dev.narthex.access.Tokens;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.db.Database;
import dev.narthex.ops.postgres.DataFolder;
import dev.narthex.store.DedupDomains;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Sets up a new instance: one public cache, and an admin token. */
@ApplicationScoped
class Bootstrap {
    private static final int PRIORITY_BEFORE_JOBS = 100;

    private final CacheCatalog caches;
    private final DedupDomains dedupDomains;
    private final Tokens tokens;
    private final Database sql;
    private final Path data;
    private final String url;

    Bootstrap(
            CacheCatalog caches,
            DedupDomains dedupDomains,
            Tokens tokens,
            Database sql,
            @ConfigProperty(name = "narthex.data") Path data,
            @ConfigProperty(name = "narthex.url") String url) {
        this.caches = caches;
        this.dedupDomains = dedupDomains;
        this.tokens = tokens;
        this.sql = sql;
        this.data = data;
        this.url = url;
    }

    void onStart(@Observes @Priority(PRIORITY_BEFORE_JOBS) StartupEvent event) throws IOException {
        var token = tokens.isEmpty() ? setUp() : Optional.<String>empty();
        LogFormat.announce("Narthex is at " + url);
        token.filter(adminToken -> LogFormat.isJson())
                .ifPresent(adminToken -> LogFormat.announce("Admin token saved in " + data.resolve("admin-token")));
        token.filter(adminToken -> !LogFormat.isJson()).ifPresent(adminToken -> {
            LogFormat.announce("Admin token, shown once and saved in " + data.resolve("admin-token") + ":");
            LogFormat.announce("  " + adminToken);
        });
    }

    /**
     * Sets up the instance unless another server has done it. If several servers start together on a new database, one does it and
     * the others wait. The file is written before the row is committed: after a crash between the two, the next start replaces the
     * file.
     */
    private Optional<String> setUp() throws IOException {
        return QuarkusTransaction.requiringNew().call(() -> {
            sql.statement("lock table token in share row exclusive mode").update();
            if (!tokens.isEmpty()) {
                return Optional.empty();
            }
            if (caches.find("main").isEmpty()) {
                caches.create("main", "", true, dedupDomains.create());
            }
            var token = tokens.makeAdmin("bootstrap admin");
            DataFolder.writeSecret(data.resolve("admin-token"), token + "\n");
            return Optional.of(token);
        });
    }
}
