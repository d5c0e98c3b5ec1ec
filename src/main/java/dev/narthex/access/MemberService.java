package dev.narthex.access;

import dev.narthex.db.Database;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lists and changes the members of a cache and their roles. A cache always keeps an owner: only an instance admin can remove or
 * demote the last one. Changes to owners lock all owners first, so that two owners cannot remove each other concurrently.
 */
@ApplicationScoped
public class MemberService {
    private static final String THIS_ONE =
            " cache_id = :cache and person_id is not distinct from cast(nullif(:person, 0) as bigint)"
                    + " and group_name is not distinct from nullif(:group, '')";

    private final Database sql;
    private final AuditLog audit;

    MemberService(Database sql, AuditLog audit) {
        this.sql = sql;
        this.audit = audit;
    }

    /** Makes the creator of a cache its first owner. Tokens without an owner do not become members. */
    @Transactional(TxType.MANDATORY)
    public void addOwner(Cache cache, Principal creator) {
        creator.person().ifPresent(person -> upsert(cache, new Member.Key.Person(person.id()), Role.OWNER));
    }

    /**
     * Lists members in the order in which they were added.
     *
     * @param after number of members to skip
     */
    public List<Member> list(Cache cache, int after, int limit) {
        return sql.statement("""
                        select p.id, p.name, m.group_name, m.role from membership m left join person p on p.id = m.person_id
                        where m.cache_id = :cache order by m.id offset :after limit :limit""")
                .bind("cache", cache.id())
                .bind("after", after)
                .bind("limit", limit)
                .list(row -> new Member(
                        row.optionalLong("id"),
                        row.optionalString("name"),
                        row.optionalString("group_name"),
                        row.string("role")));
    }

    /**
     * Sets the role of a member; adds the member if necessary.
     *
     * @param actor the principal that makes the change; the caller has checked its rights
     * @throws dev.narthex.problem.ProblemException NotFound if the person does not exist, Conflict for the last owner
     */
    @Transactional
    public void put(Cache cache, Member.Key member, Role role, Principal actor) {
        if (role != Role.OWNER) {
            keepAnOwner(cache, member, actor);
        }
        upsert(cache, member, role);
    }

    /** @throws dev.narthex.problem.ProblemException NotFound if this is not a member, Conflict for the last owner */
    @Transactional
    public void remove(Cache cache, Member.Key member, Principal actor) {
        keepAnOwner(cache, member, actor);
        var told = describe(member);
        if (sql.statement("delete from membership where" + THIS_ONE)
                        .bindAll(parameters(cache, member))
                        .update()
                == 0) {
            throw Problem.notFound("member", member.toString());
        }
        audit.recordDone(AuditLog.AuditEvent.ofCache(cache, Action.CONFIGURE, "remove " + told));
    }

    /**
     * Changes several roles in one transaction: all of them or none. Higher roles are set first, so that a new owner can replace
     * the last one.
     *
     * @param roles new role by member; empty removes the member
     * @throws dev.narthex.problem.ProblemException as {@link #put} and {@link #remove}
     */
    @Transactional
    public void change(Cache cache, Map<Member.Key, Optional<Role>> roles, Principal actor) {
        var higher = Comparator.comparing((Map.Entry<Member.Key, Optional<Role>> entry) ->
                entry.getValue().map(Role::ordinal).orElse(-1));
        roles.entrySet().stream()
                .sorted(higher.reversed())
                .forEach(entry -> entry.getValue()
                        .ifPresentOrElse(
                                role -> put(cache, entry.getKey(), role, actor),
                                () -> remove(cache, entry.getKey(), actor)));
    }

    /**
     * Finds a person by verified email address, else by name. Both are as of the person's last sign-in.
     *
     * @throws dev.narthex.problem.ProblemException Mismatch if nobody matches, or several people have this name
     */
    public Member.Key.Person person(String who) {
        var rows = sql.statement("""
                        select id, email is not distinct from :who as by_email from person
                        where email = :who or name = :who order by by_email desc, id limit 2""").bind("who", who).list();
        if (rows.isEmpty()) {
            throw Problem.mismatch(
                    "who",
                    "No person with this name or address has signed in here. People can become members once they have"
                            + " signed in; groups at any time.");
        }
        boolean clear = rows.size() == 1
                || (rows.getFirst().bool("by_email") && !rows.getLast().bool("by_email"));
        if (!clear) {
            throw Problem.mismatch("who", "Several people have this name. Enter the e-mail address.");
        }
        return new Member.Key.Person(rows.getFirst().longValue("id"));
    }

    private void upsert(Cache cache, Member.Key member, Role role) {
        var told = describe(member);
        var values = new HashMap<>(parameters(cache, member));
        values.put("role", role.toString());
        sql.statement("""
                insert into membership (cache_id, person_id, group_name, role)
                values (:cache, cast(nullif(:person, 0) as bigint), nullif(:group, ''), :role)
                on conflict (cache_id, person_id, group_name) do update set role = excluded.role""").bindAll(values).update();
        audit.recordDone(AuditLog.AuditEvent.ofCache(cache, Action.CONFIGURE, told + " becomes " + role));
    }

    /**
     * Returns the text for a member in the audit log: for a person the id, which is decisive, and the current name. The person's
     * row stays locked against deletion until the transaction ends.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the person does not exist
     */
    private String describe(Member.Key member) {
        return switch (member) {
            case Member.Key.Group group -> group.toString();
            case Member.Key.Person person -> person + " (" + name(person.id()) + ")";
        };
    }

    private String name(long person) {
        return sql.statement("select name from person where id = :id for key share")
                .bind("id", person)
                .first()
                .map(row -> row.string("name"))
                .orElseThrow(() -> Problem.notFound("person", Long.toString(person)));
    }

    private void keepAnOwner(Cache cache, Member.Key member, Principal actor) {
        int owners = sql.statement("""
                        select id from membership where cache_id = :cache and role = 'owner' order by id for update""").bind("cache", cache.id()).list().size();
        boolean isOwner = sql.statement("select id from membership where role = 'owner' and" + THIS_ONE)
                .bindAll(parameters(cache, member))
                .first()
                .isPresent();
        if (isOwner && owners == 1 && !actor.admin()) {
            throw Problem.conflict(
                    "Last owner",
                    "The " + member + " is the last owner of " + cache.name()
                            + ". Add another owner first, or ask an administrator of this server.");
        }
    }

    private static Map<String, Object> parameters(Cache cache, Member.Key member) {
        return Map.of(
                "cache", cache.id(),
                "person", member instanceof Member.Key.Person(long id) ? id : 0L,
                "group", member instanceof Member.Key.Group(String name) ? name : "");
    }
}
