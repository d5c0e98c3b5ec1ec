package dev.narthex.access;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks up who somebody is and what he is in one cache: always one statement, which reads by indexes only and reads the same
 * for a cache that is not there. Nothing is kept between requests, so that a revocation works at once.
 */
@ApplicationScoped
class Standings {
    private static final int MOST_CACHES = 1000;

    /** The best role of a person, whose id and groups the outer query has, counted from 1. */
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

    private final EntityManager em;
    private final TokenUses uses;

    Standings(EntityManager em, TokenUses uses) {
        this.em = em;
        this.uses = uses;
    }

    /** Whoever sent this token, if it is one that is valid now. */
    @ActivateRequestContext
    Standing bySecret(String secret, long cacheId) {
        var nobody = new Standing(new Principal.Invalid(), Optional.empty());
        if (!TokenText.valid(secret)) {
            return nobody;
        }
        var row = first(
                TOKEN + " t.hash = :hash and (t.expires_at is null or t.expires_at > now())",
                Map.of("hash", TokenText.hash(secret), "cache", cacheId));
        row.ifPresent(
                found -> uses.note(id(found, "id"), Optional.ofNullable(found.get("last_used", LocalDate.class))));
        return row.map(Standings::token).orElse(nobody);
    }

    /** Somebody who has signed in. */
    @ActivateRequestContext
    Standing of(Principal.Person person, long cacheId) {
        var row = cacheId == Caller.NO_CACHE
                ? Optional.<Tuple>empty()
                : first(PERSON, Map.of("id", person.id(), "cache", cacheId));
        return new Standing(person, row.flatMap(Standings::role));
    }

    /**
     * Whoever wrote something under this name before. A token that has expired since still counts, one that was revoked does
     * not: it may have been stolen.
     *
     * @param name as {@link Principal#name} gives it
     */
    @ActivateRequestContext
    Standing byName(String name, long cacheId) {
        var parts = name.split(":", 3);
        if (parts.length == 3 && parts[1].matches("\\d{1,18}")) {
            var id = Long.valueOf(parts[1]);
            var found = switch (parts[0]) {
                case Principal.Token.PREFIX ->
                    first(TOKEN + " t.id = :id", Map.of("id", id, "cache", cacheId))
                            .map(Standings::token);
                case Principal.Person.PREFIX -> byPerson(id, cacheId);
                case String other -> Optional.<Standing>empty();
            };
            if (found.isPresent()) {
                return found.get();
            }
        }
        return new Standing(new Principal.Anonymous(), Optional.empty());
    }

    /** A person as he is now, with the groups that he had when he last signed in. */
    @ActivateRequestContext
    Optional<Standing> byPerson(long id, long cacheId) {
        return first(PERSON, Map.of("id", id, "cache", cacheId))
                .map(row -> new Standing(person(row).orElseThrow(), role(row)));
    }

    /** What somebody is in the caches of which he is a member, himself or by a group; by the ids of those. */
    @ActivateRequestContext
    Map<Long, Role> roles(Principal.Person person) {
        var parameters =
                Map.of("person", person.id(), "groups", person.groups().toArray(String[]::new), "limit", MOST_CACHES);
        return Native.rows(em, """
                        select m.cache_id, m.role from membership m where m.person_id = :person
                        union select m.cache_id, m.role from membership m where m.group_name = any(cast(:groups as text[]))
                        limit :limit""", parameters).stream()
                .collect(Collectors.toMap(
                        row -> id(row, "cache_id"),
                        row -> Role.named(row.get("role", String.class)).orElseThrow(),
                        (one, other) -> one.covers(other) ? one : other));
    }

    private Optional<Tuple> first(String sql, Map<String, Object> parameters) {
        return Native.first(em, sql, parameters);
    }

    private static Standing token(Tuple row) {
        var scope = Scope.parse(row.get("scope", String.class));
        return new Standing(
                new Principal.Token(id(row, "id"), row.get("label", String.class), scope, person(row)), role(row));
    }

    private static Optional<Principal.Person> person(Tuple row) {
        return row.get("person") == null
                ? Optional.empty()
                : Optional.of(new Principal.Person(
                        id(row, "person"),
                        row.get("name", String.class),
                        row.get("admin", Boolean.class),
                        Set.copyOf(List.of(row.get("groups", String[].class)))));
    }

    private static Optional<Role> role(Tuple row) {
        return Optional.ofNullable(row.get("role", Integer.class)).map(place -> Role.values()[place - 1]);
    }

    private static long id(Tuple row, String column) {
        return row.get(column, Number.class).longValue();
    }
}
