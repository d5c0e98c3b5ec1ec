package dev.narthex.access;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.problem.Problem;
import dev.narthex.spi.Cache;
import dev.narthex.spi.Memberships;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Lists and changes the members of a cache for registry clients. Changes are made by {@link MemberService}, as on the pages. */
@ApplicationScoped
class RegistryMemberships implements Memberships {
    private final Access access;
    private final MemberService members;
    private final DisplayNames names;
    private final PrincipalAuthenticator authenticator;
    private final Database sql;

    RegistryMemberships(
            Access access,
            MemberService members,
            DisplayNames names,
            PrincipalAuthenticator authenticator,
            Database sql) {
        this.access = access;
        this.members = members;
        this.names = names;
        this.authenticator = authenticator;
        this.sql = sql;
    }

    /** A member with both its names: the key in Narthex, and the name that clients use. */
    private record NamedMember(Member.Key key, RegistryMember listed) {
        static NamedMember of(Row row) {
            var role = Role.parse(row.string("role")).orElseThrow();
            var person = row.optionalLong("person");
            Member.Key key = person.<Member.Key>map(Member.Key.Person::new)
                    .orElseGet(() -> new Member.Key.Group(row.string("group_name")));
            var name = person.isPresent() ? row.string("called") : key.toString();
            return new NamedMember(
                    key,
                    new RegistryMember(
                            name,
                            person.isEmpty(),
                            role.toString(),
                            role.covers(Action.PUBLISH.role()),
                            role.covers(Action.MAINTAIN.role())));
        }
    }

    @Override
    public List<String> roles() {
        return Stream.of(Role.values()).map(Role::toString).toList();
    }

    @Override
    public List<RegistryMember> list(String cache, String ecosystem, String normalized) {
        return withoutKeys(all(access.require(Action.MAINTAIN, cache, ecosystem, normalized)));
    }

    @Override
    public Optional<List<RegistryMember>> listIfVisible(String cache, String ecosystem, String normalized) {
        var foundCache = access.require(Action.READ, cache);
        return access.isAllowed(Action.MAINTAIN, foundCache, ecosystem, normalized)
                ? Optional.of(withoutKeys(all(foundCache)))
                : Optional.empty();
    }

    private static List<RegistryMember> withoutKeys(List<NamedMember> members) {
        return members.stream().map(NamedMember::listed).toList();
    }

    private List<NamedMember> all(Cache cache) {
        var rows = sql.statement("""
                select p.id as person, %s as called, m.group_name, m.role from membership m
                left join person p on p.id = m.person_id
                where m.cache_id = :cache order by m.id limit :limit""".formatted(DisplayNames.CALLED))
                .bind("cache", cache.id())
                .bind("limit", MOST + 1)
                .list();
        if (rows.size() > MOST) {
            throw Problem.tooLarge(
                    "members",
                    "More than " + MOST + " members are not listed at once. The settings of " + cache.name()
                            + " show them page by page.");
        }
        return rows.stream().map(NamedMember::of).toList();
    }

    @Override
    public PackageRight rightsOf(String cache, String ecosystem) {
        var foundCache = access.require(Action.READ, cache);
        return access.isAllowed(Action.PUBLISH, foundCache, ecosystem, ALL) ? PackageRight.PUBLISH : PackageRight.READ;
    }

    @Override
    public PackageRight rightsOf(String cache, String ecosystem, String who) {
        access.require(Action.READ, cache);
        var principal = access.requireAuthenticated();
        if (RegistryAccounts.name(principal).equals(who) || namesOf(principal).anyMatch(who::equals)) {
            return rightsOf(cache, ecosystem);
        }
        var foundCache = access.require(Action.MAINTAIN, cache, ecosystem, ALL);
        var permissions = names.find(who)
                .flatMap(id -> authenticator.byPerson(id, foundCache.id()))
                .orElseThrow(() -> Problem.notFound("user", who));
        if (!permissions.isAllowed(Action.READ, foundCache, Optional.empty())) {
            return PackageRight.NOTHING;
        }
        return permissions.isAllowed(Action.PUBLISH, foundCache, Optional.empty())
                ? PackageRight.PUBLISH
                : PackageRight.READ;
    }

    /** Returns the names that clients use for this principal, and the email address. */
    private Stream<String> namesOf(Principal principal) {
        return principal.person().stream()
                .flatMap(person ->
                        Stream.concat(names.of(List.of(person.id())).stream(), names.email(person.id()).stream()));
    }

    @Override
    public Person person(String cache, String who) {
        access.require(Action.READ, cache);
        var principal = access.requireAuthenticated();
        if (namesOf(principal).anyMatch(who::equals)) {
            long id = principal.person().orElseThrow().id();
            return new Person(names.of(List.of(id)).getFirst(), names.email(id).orElse(""));
        }
        access.require(Action.CONFIGURE, cache);
        return new Person(names.of(List.of(findPerson(who).id())).getFirst(), "");
    }

    private Member.Key.Person findPerson(String who) {
        var called = names.find(who).map(Member.Key.Person::new);
        if (called.isEmpty() && (!DisplayNames.isText(who) || DisplayNames.isMadeUp(who))) {
            throw Problem.notFound("user", who);
        }
        return called.orElseGet(() -> members.person(who));
    }

    @Override
    public MembershipEditor edit(String cache) {
        var foundCache = access.require(Action.CONFIGURE, cache);
        return new CacheMembershipEditor(foundCache);
    }

    private final class CacheMembershipEditor implements MembershipEditor {
        private final Cache cache;

        CacheMembershipEditor(Cache cache) {
            this.cache = cache;
        }

        @Override
        public int size() {
            return (int) sql.statement("select count(*) as n from membership where cache_id = :cache")
                    .bind("cache", cache.id())
                    .first()
                    .orElseThrow()
                    .longValue("n");
        }

        @Override
        public void change(Function<List<RegistryMember>, Map<String, Optional<String>>> decide) {
            QuarkusTransaction.requiringNew().run(() -> changeLocked(cache, decide));
        }
    }

    /** Locks all members before reading them, so that two concurrent changes do not undo each other. */
    private void changeLocked(Cache cache, Function<List<RegistryMember>, Map<String, Optional<String>>> decide) {
        sql.statement("select id from membership where cache_id = :cache order by id for update")
                .bind("cache", cache.id())
                .list();
        var all = all(cache);
        var roles = new LinkedHashMap<Member.Key, Optional<Role>>();
        decide.apply(withoutKeys(all))
                .forEach((who, role) -> roles.put(
                        key(all, who), role.map(word -> Role.parse(word).orElseThrow())));
        members.change(cache, roles, access.requireAuthenticated());
    }

    private Member.Key key(List<NamedMember> members, String who) {
        return members.stream()
                .filter(member -> member.listed().name().equals(who))
                .map(NamedMember::key)
                .findFirst()
                .orElseGet(() -> findPerson(who));
    }
}
