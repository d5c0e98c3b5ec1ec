package dev.narthex.access;

import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rows of people. One is made when somebody signs in first, and follows what the provider says of him: his tokens may what he
 * may, while he is away too.
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

    private final Sql sql;
    private final SignInConfig config;

    Persons(Sql sql, SignInConfig config) {
        this.sql = sql;
        this.config = config;
    }

    /** Who this is here: one statement if his row says so already. */
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
        return sql.rows(statement, values).stream().map(row -> row.number("id")).toList();
    }
}
