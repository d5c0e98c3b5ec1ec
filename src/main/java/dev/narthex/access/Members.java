package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.sql.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who has which role in a cache. A cache keeps an owner: the last one can neither leave nor become less, except by an admin.
 * Whoever changes owners locks all of them first, so that two who remove each other at once do not both succeed.
 */
@ApplicationScoped
public class Members {
    private static final String THIS_ONE =
            " cache_id = :cache and person_id is not distinct from cast(nullif(:person, 0) as bigint)"
                    + " and group_name is not distinct from nullif(:group, '')";

    private final Sql sql;
    private final Audit audit;

    Members(Sql sql, Audit audit) {
        this.sql = sql;
        this.audit = audit;
    }

    /** Makes whoever created a cache its first owner; what is the instance's own needs no membership. */
    @Transactional(TxType.MANDATORY)
    public void own(Cache cache, Principal creator) {
        creator.person().ifPresent(person -> enter(cache, new Member.Key.Person(person.id()), Role.OWNER));
    }

    /** In the order in which they came. {@code after} is how many came before the page. */
    public List<Member> list(Cache cache, int after, int limit) {
        return sql.rows("""
                        select p.id, p.name, m.group_name, m.role from membership m left join person p on p.id = m.person_id
                        where m.cache_id = :cache order by m.id offset :after limit :limit""", Map.of("cache", cache.id(), "after", after, "limit", limit)).stream()
                .map(row -> new Member(
                        row.maybeNumber("id"), row.maybeText("name"), row.maybeText("group_name"), row.text("role")))
                .toList();
    }

    /**
     * Gives a role, in the place of one that the member had.
     *
     * @param by who asks, of whom it is known that he may
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such person, Conflict for the last owner
     */
    @Transactional
    public void put(Cache cache, Member.Key member, Role role, Principal by) {
        if (role != Role.OWNER) {
            keepAnOwner(cache, member, by);
        }
        enter(cache, member, role);
    }

    /**
     * @throws dev.narthex.problem.ProblemException NotFound if it is no member, Conflict for the last owner
     */
    @Transactional
    public void remove(Cache cache, Member.Key member, Principal by) {
        keepAnOwner(cache, member, by);
        var told = told(member);
        if (sql.change("delete from membership where" + THIS_ONE, named(cache, member)) == 0) {
            throw new Problem.NotFound("member", member.toString()).asException();
        }
        audit.done(Audit.Act.in(cache, Action.CONFIGURE, "remove " + told));
    }

    /**
     * Gives and takes several roles: all, or none if one of them cannot be. Owners are made before others stop being such, so
     * that one can take the place of the last.
     *
     * @param roles none for whoever is to be no member any more
     * @throws dev.narthex.problem.ProblemException as {@link #put} and {@link #remove}
     */
    @Transactional
    public void change(Cache cache, Map<Member.Key, Optional<Role>> roles, Principal by) {
        var higher = Comparator.comparing((Map.Entry<Member.Key, Optional<Role>> entry) ->
                entry.getValue().map(Role::ordinal).orElse(-1));
        roles.entrySet().stream()
                .sorted(higher.reversed())
                .forEach(entry -> entry.getValue()
                        .ifPresentOrElse(
                                role -> put(cache, entry.getKey(), role, by), () -> remove(cache, entry.getKey(), by)));
    }

    /**
     * Who is meant by an e-mail address that the provider has verified, or else by a name; both as they were when he last
     * signed in.
     *
     * @throws dev.narthex.problem.ProblemException Mismatch if it is nobody, or more than one by that name
     */
    public Member.Key.Person person(String who) {
        var rows = sql.rows("""
                        select id, email is not distinct from :who as by_email from person
                        where email = :who or name = :who order by by_email desc, id limit 2""", Map.of("who", who));
        if (rows.isEmpty()) {
            throw new Problem.Mismatch(
                            "who",
                            "Nobody has signed in here under this name or address. People can be made members once they have"
                                    + " signed in; groups at any time.")
                    .asException();
        }
        boolean clear = rows.size() == 1
                || (rows.getFirst().truth("by_email") && !rows.getLast().truth("by_email"));
        if (!clear) {
            throw new Problem.Mismatch("who", "More than one person has this name here. Give his e-mail address.")
                    .asException();
        }
        return new Member.Key.Person(rows.getFirst().number("id"));
    }

    private void enter(Cache cache, Member.Key member, Role role) {
        var told = told(member);
        var values = new HashMap<>(named(cache, member));
        values.put("role", role.toString());
        sql.change("""
                insert into membership (cache_id, person_id, group_name, role)
                values (:cache, cast(nullif(:person, 0) as bigint), nullif(:group, ''), :role)
                on conflict (cache_id, person_id, group_name) do update set role = excluded.role""", values);
        audit.done(Audit.Act.in(cache, Action.CONFIGURE, told + " becomes " + role));
    }

    /**
     * A member as the audit tells of him: of a person the number that decides, and the name that he has now. Until the
     * transaction ends he stays.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such person
     */
    private String told(Member.Key member) {
        return switch (member) {
            case Member.Key.Group group -> group.toString();
            case Member.Key.Person person -> person + " (" + name(person.id()) + ")";
        };
    }

    private String name(long person) {
        return sql.first("select name from person where id = :id for key share", Map.of("id", person))
                .map(row -> row.text("name"))
                .orElseThrow(() -> new Problem.NotFound("person", Long.toString(person)).asException());
    }

    private void keepAnOwner(Cache cache, Member.Key member, Principal by) {
        int owners = sql.rows("""
                        select id from membership where cache_id = :cache and role = 'owner' order by id for update""", Map.of("cache", cache.id())).size();
        boolean isOwner = sql.first(
                        "select id from membership where role = 'owner' and" + THIS_ONE, named(cache, member))
                .isPresent();
        if (isOwner && owners == 1 && !by.admin()) {
            throw new Problem.Conflict(
                            "Last owner",
                            "The " + member + " is the last owner of " + cache.name()
                                    + ". Make another one first, or ask an admin of this instance.")
                    .asException();
        }
    }

    private static Map<String, Object> named(Cache cache, Member.Key member) {
        return Map.of(
                "cache", cache.id(),
                "person", member instanceof Member.Key.Person(long id) ? id : 0L,
                "group", member instanceof Member.Key.Group(String name) ? name : "");
    }
}
