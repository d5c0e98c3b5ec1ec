package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.control.ActivateRequestContext;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.List;
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

    private final EntityManager em;
    private final Audit audit;

    Members(EntityManager em, Audit audit) {
        this.em = em;
        this.audit = audit;
    }

    /** Makes whoever created a cache its first owner; what is the instance's own needs no membership. */
    @Transactional(TxType.MANDATORY)
    public void own(Cache cache, Principal creator) {
        creator.person().ifPresent(person -> enter(cache, new Member.Key.Person(person.id()), Role.OWNER));
    }

    /** In the order in which they came. {@code after} is how many came before the page. */
    @ActivateRequestContext
    List<Member> list(Cache cache, int after, int limit) {
        @SuppressWarnings("unchecked")
        List<Tuple> rows = em.createNativeQuery("""
                        select p.id, p.name, m.group_name, m.role from membership m left join person p on p.id = m.person_id
                        where m.cache_id = :cache order by m.id offset :after limit :limit""", Tuple.class)
                .setParameter("cache", cache.id())
                .setParameter("after", after)
                .setParameter("limit", limit)
                .getResultList();
        return rows.stream()
                .map(row -> new Member(
                        Optional.ofNullable(row.get("id", Number.class)).map(Number::longValue),
                        Optional.ofNullable(row.get("name", String.class)),
                        Optional.ofNullable(row.get("group_name", String.class)),
                        row.get("role", String.class)))
                .toList();
    }

    /**
     * Gives a role, in the place of one that the member had.
     *
     * @param by who asks, of whom it is known that he may
     * @throws dev.narthex.problem.ProblemException NotFound if there is no such person, Conflict for the last owner
     */
    @Transactional
    void put(Cache cache, Member.Key member, Role role, Principal by) {
        if (role != Role.OWNER) {
            keepAnOwner(cache, member, by);
        }
        enter(cache, member, role);
    }

    /**
     * @throws dev.narthex.problem.ProblemException NotFound if it is no member, Conflict for the last owner
     */
    @Transactional
    void remove(Cache cache, Member.Key member, Principal by) {
        keepAnOwner(cache, member, by);
        if (named("delete from membership where" + THIS_ONE, cache, member).executeUpdate() == 0) {
            throw new Problem.NotFound("member", member.toString()).asException();
        }
        audit.done(Audit.Act.in(cache, Action.CONFIGURE, "remove " + member));
    }

    private void enter(Cache cache, Member.Key member, Role role) {
        if (member instanceof Member.Key.Person(long id)
                && em.createNativeQuery("select 1 from person where id = :id for key share")
                        .setParameter("id", id)
                        .getResultList()
                        .isEmpty()) {
            throw new Problem.NotFound("person", Long.toString(id)).asException();
        }
        named("""
                        insert into membership (cache_id, person_id, group_name, role)
                        values (:cache, cast(nullif(:person, 0) as bigint), nullif(:group, ''), :role)
                        on conflict (cache_id, person_id, group_name) do update set role = excluded.role""", cache, member).setParameter("role", role.toString()).executeUpdate();
        audit.done(Audit.Act.in(cache, Action.CONFIGURE, member + " becomes " + role));
    }

    private void keepAnOwner(Cache cache, Member.Key member, Principal by) {
        int owners = em.createNativeQuery("""
                        select id from membership where cache_id = :cache and role = 'owner' order by id for update""")
                .setParameter("cache", cache.id())
                .getResultList()
                .size();
        boolean isOwner = !named("select id from membership where role = 'owner' and" + THIS_ONE, cache, member)
                .getResultList()
                .isEmpty();
        if (isOwner && owners == 1 && !by.admin()) {
            throw new Problem.Conflict(
                            "Last owner",
                            "The " + member + " is the last owner of " + cache.name()
                                    + ". Make another one first, or ask an admin of this instance.")
                    .asException();
        }
    }

    private Query named(String sql, Cache cache, Member.Key member) {
        return em.createNativeQuery(sql)
                .setParameter("cache", cache.id())
                .setParameter("person", member instanceof Member.Key.Person(long id) ? id : 0L)
                .setParameter("group", member instanceof Member.Key.Group(String name) ? name : "");
    }
}
