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

/** Lists and changes the members of a cache for registry clients. Changes are made by {@link Members}, as on the pages. */
@ApplicationScoped
class RegistryMemberships implements Memberships {
    private final Access access;
    private final Members members;
    private final DisplayNames names;
    private final CachePermissionsLookup standings;
    private final Database sql;

    RegistryMemberships(
            Access access, Members members, DisplayNames names, CachePermissionsLookup standings, Database sql) {
        this.access = access;
        this.members = members;
        this.names = names;
        this.standings = standings;
        this.sql = sql;
    }

    /** A member with both its names: the key in Narthex, and the name that clients use. */
    private record Called(Member.Key key, Listed listed) {
        static Called of(Row row) {
            var role = Role.named(row.string("role")).orElseThrow();
            var person = row.optionalLong("person");
            Member.Key key = person.<Member.Key>map(Member.Key.Person::new)
                    .orElseGet(() -> new Member.Key.Group(row.string("group_name")));
            var name = person.isPresent() ? row.string("called") : key.toString();
            return new Called(
                    key,
                    new Listed(
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
    public List<Listed> list(String cache, String ecosystem, String normalized) {
        return plain(all(access.require(Action.MAINTAIN, cache, ecosystem, normalized)));
    }

    @Override
    public Optional<List<Listed>> shown(String cache, String ecosystem, String normalized) {
        var found = access.require(Action.READ, cache);
        return access.may(Action.MAINTAIN, found, ecosystem, normalized)
                ? Optional.of(plain(all(found)))
                : Optional.empty();
    }

    private static List<Listed> plain(List<Called> all) {
        return all.stream().map(Called::listed).toList();
    }

    private List<Called> all(Cache cache) {
        var rows = sql.query("""
                select p.id as person, %s as called, m.group_name, m.role from membership m
                left join person p on p.id = m.person_id
                where m.cache_id = :cache order by m.id limit :limit""".formatted(DisplayNames.CALLED), Map.of("cache", cache.id(), "limit", MOST + 1));
        if (rows.size() > MOST) {
            throw new Problem.TooLarge(
                            "members",
                            "More than " + MOST + " members are not listed at once. The settings of " + cache.name()
                                    + " show them page by page.")
                    .toException();
        }
        return rows.stream().map(Called::of).toList();
    }

    @Override
    public May may(String cache, String ecosystem) {
        var found = access.require(Action.READ, cache);
        return access.may(Action.PUBLISH, found, ecosystem, ALL) ? May.PUBLISH : May.READ;
    }

    @Override
    public May may(String cache, String ecosystem, String who) {
        access.require(Action.READ, cache);
        var self = access.requireAuthenticated();
        if (RegistryAccounts.name(self).equals(who) || called(self).anyMatch(who::equals)) {
            return may(cache, ecosystem);
        }
        var found = access.require(Action.MAINTAIN, cache, ecosystem, ALL);
        var standing = names.find(who)
                .flatMap(id -> standings.byPerson(id, found.id()))
                .orElseThrow(() -> new Problem.NotFound("user", who).toException());
        if (!standing.may(Action.READ, found, Optional.empty())) {
            return May.NOTHING;
        }
        return standing.may(Action.PUBLISH, found, Optional.empty()) ? May.PUBLISH : May.READ;
    }

    /** Returns the names that clients use for this principal, and the email address. */
    private Stream<String> called(Principal self) {
        return self.person().stream()
                .flatMap(one -> Stream.concat(names.of(List.of(one.id())).stream(), names.email(one.id()).stream()));
    }

    @Override
    public Person person(String cache, String who) {
        access.require(Action.READ, cache);
        var self = access.requireAuthenticated();
        if (called(self).anyMatch(who::equals)) {
            long id = self.person().orElseThrow().id();
            return new Person(names.of(List.of(id)).getFirst(), names.email(id).orElse(""));
        }
        access.require(Action.CONFIGURE, cache);
        return new Person(names.of(List.of(meant(who).id())).getFirst(), "");
    }

    private Member.Key.Person meant(String who) {
        var called = names.find(who).map(Member.Key.Person::new);
        if (called.isEmpty() && (!DisplayNames.isText(who) || DisplayNames.isMadeUp(who))) {
            throw new Problem.NotFound("user", who).toException();
        }
        return called.orElseGet(() -> members.person(who));
    }

    @Override
    public Editor edit(String cache) {
        var found = access.require(Action.CONFIGURE, cache);
        return new OneCache(found);
    }

    private final class OneCache implements Editor {
        private final Cache cache;

        OneCache(Cache cache) {
            this.cache = cache;
        }

        @Override
        public int size() {
            return (int) sql.queryOne(
                            "select count(*) as n from membership where cache_id = :cache", Map.of("cache", cache.id()))
                    .orElseThrow()
                    .longValue("n");
        }

        @Override
        public void change(Function<List<Listed>, Map<String, Optional<String>>> decide) {
            QuarkusTransaction.requiringNew().run(() -> decided(cache, decide));
        }
    }

    /** Locks all members before reading them, so that two concurrent changes do not undo each other. */
    private void decided(Cache cache, Function<List<Listed>, Map<String, Optional<String>>> decide) {
        sql.query(
                "select id from membership where cache_id = :cache order by id for update",
                Map.of("cache", cache.id()));
        var all = all(cache);
        var roles = new LinkedHashMap<Member.Key, Optional<Role>>();
        decide.apply(plain(all))
                .forEach((who, role) -> roles.put(
                        key(all, who), role.map(word -> Role.named(word).orElseThrow())));
        members.change(cache, roles, access.requireAuthenticated());
    }

    private Member.Key key(List<Called> all, String who) {
        return all.stream()
                .filter(one -> one.listed().name().equals(who))
                .map(Called::key)
                .findFirst()
                .orElseGet(() -> meant(who));
    }
}
