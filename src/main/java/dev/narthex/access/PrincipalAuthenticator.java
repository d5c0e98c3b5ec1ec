package dev.narthex.access;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks up a principal and its permissions in one cache. Each lookup is one indexed statement, which does the same work if the
 * cache does not exist. Nothing is cached between requests, so revoking a token takes effect immediately.
 */
@ApplicationScoped
class PrincipalAuthenticator {
    private static final int MAX_CACHES = 1000;

    /** SQL expression for the highest role, as a position from 1, of the person row {@code p} in the outer query. */
    private static final String ROLE = """
            (select max(array_position(array['reader', 'publisher', 'maintainer', 'owner'], m.role)) from membership m
              where m.cache_id = :cache
                and (m.person_id = p.id or (m.person_id is null and m.group_name = any(p.groups)))) as role""";

    private static final String TOKEN = """
            select t.id, t.label, cast(t.scope as text) as scope, t.last_used, p.id as person, p.name, p.admin, p.groups, %s
            from token t left join person p on p.id = t.person_id
            where t.revoked_at is null and""".formatted(ROLE);

    private static final String PERSON =
            "select p.id as person, p.name, p.admin, p.groups, %s from person p where p.id = :id".formatted(ROLE);

    private final Database sql;
    private final TokenLastUse uses;

    PrincipalAuthenticator(Database sql, TokenLastUse uses) {
        this.sql = sql;
        this.uses = uses;
    }

    /** Returns the permissions of a token, or of an invalid principal if the token is not valid. */
    CachePermissions bySecret(String secret, long cacheId) {
        var anonymous = new CachePermissions(new Principal.Invalid(TokenFormat.isJwt(secret)), Optional.empty());
        if (!TokenFormat.valid(secret)) {
            return anonymous;
        }
        var row = sql.statement(TOKEN + " t.hash = :hash and (t.expires_at is null or t.expires_at > now())")
                .bind("hash", TokenFormat.hash(secret))
                .bind("cache", cacheId)
                .first();
        row.ifPresent(found -> uses.record(found.longValue("id"), found.optionalDate("last_used")));
        return row.map(PrincipalAuthenticator::tokenPermissions).orElse(anonymous);
    }

    /** Returns the permissions of a signed-in person. */
    CachePermissions of(Principal.Person person, long cacheId) {
        var row = cacheId == Caller.NO_CACHE
                ? Optional.<Row>empty()
                : sql.statement(PERSON)
                        .bind("id", person.id())
                        .bind("cache", cacheId)
                        .first();
        return new CachePermissions(person, row.flatMap(PrincipalAuthenticator::role));
    }

    /**
     * Returns the current permissions of the principal that wrote something earlier. Expired tokens still count. Revoked tokens do
     * not, since they may have been stolen.
     *
     * @param name as {@link Principal#name} returns it
     */
    CachePermissions byName(String name, long cacheId) {
        var parts = name.split(":", 3);
        if (parts.length == 3 && parts[1].matches("\\d{1,18}")) {
            var id = Long.valueOf(parts[1]);
            var permissions = switch (parts[0]) {
                case Principal.Token.PREFIX ->
                    sql.statement(TOKEN + " t.id = :id")
                            .bind("id", id)
                            .bind("cache", cacheId)
                            .first()
                            .map(PrincipalAuthenticator::tokenPermissions);
                case Principal.Person.PREFIX -> byPerson(id, cacheId);
                case String other -> Optional.<CachePermissions>empty();
            };
            if (permissions.isPresent()) {
                return permissions.get();
            }
        }
        return new CachePermissions(new Principal.Anonymous(), Optional.empty());
    }

    /** Returns the permissions of a person, with the groups as of the last sign-in. */
    Optional<CachePermissions> byPerson(long id, long cacheId) {
        return sql.statement(PERSON)
                .bind("id", id)
                .bind("cache", cacheId)
                .first()
                .map(row -> new CachePermissions(person(row).orElseThrow(), role(row)));
    }

    /** Returns the highest role of a person in each cache, own or through groups, by cache id. */
    Map<Long, Role> roles(Principal.Person person) {
        var parameters =
                Map.of("person", person.id(), "groups", person.groups().toArray(String[]::new), "limit", MAX_CACHES);
        return sql.statement("""
                        select m.cache_id, m.role from membership m where m.person_id = :person
                        union select m.cache_id, m.role from membership m where m.group_name = any(cast(:groups as text[]))
                        limit :limit""").bindAll(parameters).list().stream()
                .collect(Collectors.toMap(
                        row -> row.longValue("cache_id"),
                        row -> Role.parse(row.string("role")).orElseThrow(),
                        (role, other) -> role.covers(other) ? role : other));
    }

    private static CachePermissions tokenPermissions(Row row) {
        var scope = Scope.parse(row.string("scope"));
        return new CachePermissions(
                new Principal.Token(row.longValue("id"), row.string("label"), scope, person(row)), role(row));
    }

    private static Optional<Principal.Person> person(Row row) {
        return row.optionalLong("person").isEmpty()
                ? Optional.empty()
                : Optional.of(new Principal.Person(
                        row.longValue("person"),
                        row.string("name"),
                        row.bool("admin"),
                        Set.copyOf(row.strings("groups"))));
    }

    private static Optional<Role> role(Row row) {
        return row.optionalLong("role").map(place -> Role.values()[place.intValue() - 1]);
    }
}
