package dev.narthex.access;

import dev.narthex.db.Database;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores people. A row is created on the first sign-in and updated from the claims of the identity provider on later ones. Rights
 * of tokens follow the row, so they also apply while their owner is away.
 */
@ApplicationScoped
class Persons {
    private static final String KNOWN = """
            select id from person where issuer = :issuer and subject = :subject and name = :name
              and email is not distinct from nullif(:email, '') and admin = :admin and groups = cast(:groups as text[])
              and seen_at > now() - interval '1 day'""";

    private static final String CHANGED = """
            insert into person (issuer, subject, name, email, admin, groups)
            values (:issuer, :subject, :name, nullif(:email, ''), :admin, cast(:groups as text[]))
            on conflict (issuer, subject) do update set name = excluded.name, email = excluded.email, admin = excluded.admin,
              groups = excluded.groups, seen_at = now()
            returning id""";

    private final Database sql;
    private final SignInConfig config;

    Persons(Database sql, SignInConfig config) {
        this.sql = sql;
        this.config = config;
    }

    /** Returns the person with these claims. Runs one statement if the stored row is current, else a second one to update it. */
    @Transactional
    Principal.Person of(Claims claims) {
        boolean admin = claims.admin(config);
        long id = run(KNOWN, claims, admin).stream()
                .findFirst()
                .orElseGet(() -> run(CHANGED, claims, admin).getFirst());
        return new Principal.Person(id, claims.name(), admin, Set.copyOf(claims.groups()));
    }

    private List<Long> run(String statement, Claims claims, boolean admin) {
        var values = Map.of(
                "issuer", claims.issuer(),
                "subject", claims.subject(),
                "name", claims.name(),
                "email", claims.email().orElse(""),
                "admin", admin,
                "groups", claims.groups().stream().sorted().toArray(String[]::new));
        return sql.statement(statement).bindAll(values).list(row -> row.longValue("id"));
    }
}
