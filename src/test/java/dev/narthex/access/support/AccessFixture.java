package dev.narthex.access.support;

import dev.narthex.access.Action;
import dev.narthex.access.NamePattern;
import dev.narthex.access.Role;
import dev.narthex.access.Scope;
import dev.narthex.access.Tokens;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.support.QueryPlans;
import dev.narthex.db.support.TestSql;
import dev.narthex.spi.Cache;
import dev.narthex.store.DedupDomains;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Creates caches, people, memberships and tokens. */
@ApplicationScoped
public class AccessFixture {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final DataSource database;
    private final TestSql tables;
    private final CacheCatalog caches;
    private final DedupDomains domains;
    private final Tokens tokens;

    AccessFixture(DataSource database, CacheCatalog caches, DedupDomains domains, Tokens tokens) {
        this.database = database;
        this.tables = new TestSql(database);
        this.caches = caches;
        this.domains = domains;
        this.tokens = tokens;
    }

    /** Creates a cache in a dedup domain of its own. */
    public Cache cache(String name, boolean open) {
        return QuarkusTransaction.requiringNew()
                .call(() -> caches.find(name).orElseGet(() -> caches.create(name, "", open, domains.create())));
    }

    public long person(boolean admin, String... groups) {
        int n = NUMBERS.incrementAndGet();
        return number(
                "insert into person (issuer, subject, name, admin, groups) values ('test', '%d', 'person-%1$d', %s, '{%s}') returning id"
                        .formatted(n, admin, String.join(",", groups)));
    }

    public void member(Cache cache, long person, Role role) {
        run("insert into membership (cache_id, person_id, role) values (%d, %d, '%s')"
                .formatted(cache.id(), person, role));
    }

    public void group(Cache cache, String group, Role role) {
        run("insert into membership (cache_id, group_name, role) values (%d, '%s', '%s')"
                .formatted(cache.id(), group, role));
    }

    public String token(Optional<Long> owner, Scope scope) {
        return tokens.create(new Tokens.NewToken("test", scope, owner, Optional.empty()))
                .text();
    }

    /** Creates a token of a person without restrictions. */
    public String token(long owner) {
        return token(Optional.of(owner), everything());
    }

    /** Creates a token of the instance. */
    public String admin() {
        return token(Optional.empty(), Scope.ADMIN);
    }

    /** Creates a read-only token of a person. */
    public String readOnly(long owner) {
        return token(Optional.of(owner), Scope.of(List.of(NamePattern.ALL), Set.of(Action.READ)));
    }

    public String expired() {
        var earlier = Optional.of(Instant.now().minusSeconds(1));
        return tokens.create(new Tokens.NewToken("expired", Scope.ADMIN, Optional.empty(), earlier))
                .text();
    }

    public static Scope everything() {
        var all = Set.of(
                Action.READ,
                Action.PUSH,
                Action.PUBLISH,
                Action.MAINTAIN,
                Action.CONFIGURE,
                Action.DESTROY,
                Action.CREATE);
        return Scope.of(List.of(NamePattern.ALL), all);
    }

    public void run(String sql) {
        tables.run(sql);
    }

    public long number(String sql) {
        return tables.number(sql);
    }

    /** @param heard with question marks as parameters */
    public String plan(String heard) {
        return String.join("\n", QueryPlans.of(database, heard));
    }

    public List<String> column(String sql) {
        return tables.column(sql);
    }
}
