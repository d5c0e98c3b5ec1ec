package dev.narthex.access;

import dev.narthex.access.support.AccessFixture;
import dev.narthex.access.support.PermissionOracle;
import dev.narthex.access.support.PermissionOracle.Kind;
import dev.narthex.access.support.PermissionOracle.Narrow;
import dev.narthex.catalog.cache.CacheCatalog;
import dev.narthex.catalog.cache.CacheDeletion;
import dev.narthex.publish.recognize.ReleaseRecognition;
import dev.narthex.spi.Cache;
import dev.narthex.web.support.PortalFixture;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;

/** The caches of the access matrix, and one principal of each kind. */
abstract class AccessMatrixSetup {
    /** Names of equal length, so that responses that contain them have equal lengths. */
    static final String OPEN = "qmx-public";

    static final String SEALED = "qmx-sealed";
    static final String ERASED = "qmx-erased";
    static final String CLOSED_AND_ERASED = "qmx-hidden";
    static final String ABSENT = "qmx-absent";
    static final List<String> CACHES = List.of(OPEN, SEALED, ERASED, CLOSED_AND_ERASED, ABSENT);
    static final Set<String> PUBLIC = Set.of(OPEN, ERASED);
    static final Set<String> DELETED = Set.of(ERASED, CLOSED_AND_ERASED);
    static final Set<String> ALL = Set.of("read", "push", "publish", "maintain", "configure", "destroy", "create");

    @Inject
    AccessFixture people;

    @Inject
    ReleaseRecognition recognition;

    @Inject
    CacheCatalog caches;

    @Inject
    CacheDeletion deletion;

    final Map<String, Cache> here = new LinkedHashMap<>();
    final List<PermissionOracle> askers = new ArrayList<>();
    PermissionOracle admin;

    @BeforeEach
    void cachesAndPeople() {
        for (var name : CACHES.subList(0, CACHES.size() - 1)) {
            var cache = people.cache(name, PUBLIC.contains(name));
            here.put(name, cache);
            var tarball = PortalFixture.tarball("package.json", "{\"name\":\"lantern\",\"version\":\"1.0.0\"}");
            new PortalFixture(name, recognition)
                    .put(ProtocolAccessTest.SECRET, PortalFixture.file(tarball), Optional.empty());
        }
        var sister = QuarkusTransaction.requiringNew()
                .call(() ->
                        caches.create("qmx-sister", "", false, here.get(SEALED).domainId()));
        var elsewhere = people.cache("qmx-elsewhere", false);
        DELETED.forEach(name -> QuarkusTransaction.requiringNew()
                .run(() -> deletion.delete(here.get(name).id())));
        askers(sister, elsewhere);
    }

    void askers(Cache sister, Cache elsewhere) {
        askers.add(new PermissionOracle("nobody", "", Kind.NOBODY, Map.of(), Set.of(), Set.of(), Optional.empty()));
        var revoked = people.token(Optional.empty(), Scope.ADMIN);
        people.run("update token set revoked_at = now() where id = (select max(id) from token)");
        Map.of(
                        "garbage",
                        "nrx_garbage",
                        "unknown token",
                        ProtocolAccessTest.unknown(),
                        "expired token",
                        people.expired(),
                        "revoked token",
                        revoked)
                .forEach((name, token) -> askers.add(
                        new PermissionOracle(name, token, Kind.BAD, Map.of(), Set.of(), Set.of(), Optional.empty())));
        admin = admin("instance's admin", people.token(Optional.empty(), Scope.ADMIN));
        askers.add(admin);
        askers.add(admin("admin", people.token(Optional.of(people.person(true)), Scope.ADMIN)));
        for (var role : Role.values()) {
            askers.add(of("its " + role, member(role), here.keySet(), role, ALL, Set.of(), Optional.empty()));
        }
        askers.add(outsider("owner of another cache of the domain", sister));
        askers.add(outsider("owner of another domain", elsewhere));
        long owner = member(Role.OWNER);
        for (var act : ALL) {
            askers.add(of(
                    "owner who may only " + act,
                    owner,
                    here.keySet(),
                    Role.OWNER,
                    Set.of(act),
                    Set.of(),
                    Optional.empty()));
        }
        var narrow = Map.of(
                "another ecosystem", new Narrow("pypi", "*"),
                "another package", new Narrow("*", "other"),
                "npm's lantern", new Narrow("npm", "lantern"));
        narrow.forEach((name, about) -> askers.add(
                of("owner, for " + name, owner, here.keySet(), Role.OWNER, ALL, Set.of(), Optional.of(about))));
        askers.add(of(
                "owner, for another cache",
                owner,
                here.keySet(),
                Role.OWNER,
                ALL,
                Set.of("qmx-elsewhere"),
                Optional.empty()));
        askers.add(of("owner, for nothing", owner, here.keySet(), Role.OWNER, Set.of(), Set.of(), Optional.empty()));
        askers.add(new PermissionOracle(
                "instance's own",
                people.token(Optional.empty(), scope(ALL, Set.of(SEALED), Optional.empty())),
                Kind.INSTANCES,
                Map.of(),
                ALL,
                Set.of(SEALED),
                Optional.empty()));
    }

    static PermissionOracle admin(String name, String token) {
        return new PermissionOracle(name, token, Kind.ADMINS, Map.of(), Set.of(), Set.of(), Optional.empty());
    }

    long member(Role role) {
        long person = people.person(false);
        here.values().forEach(cache -> people.member(cache, person, role));
        return person;
    }

    PermissionOracle outsider(String name, Cache of) {
        long person = people.person(false);
        people.member(of, person, Role.OWNER);
        return of(name, person, Set.of(of.name()), Role.OWNER, ALL, Set.of(), Optional.empty());
    }

    PermissionOracle of(
            String name,
            long person,
            Set<String> memberOf,
            Role role,
            Set<String> acts,
            Set<String> only,
            Optional<Narrow> about) {
        var token = people.token(Optional.of(person), scope(acts, only, about));
        var member = memberOf.stream().collect(Collectors.toMap(cache -> cache, cache -> role));
        return new PermissionOracle(name, token, Kind.PERSONS, member, acts, only, about);
    }

    static Scope scope(Set<String> acts, Set<String> only, Optional<Narrow> about) {
        return new Scope(
                false,
                only.isEmpty()
                        ? List.of(NamePattern.ALL)
                        : only.stream().map(NamePattern::new).toList(),
                List.of(new NamePattern(about.map(Narrow::ecosystem).orElse("*"))),
                List.of(new NamePattern(about.map(Narrow::name).orElse("*"))),
                acts.stream().map(Action::parse).collect(Collectors.toSet()));
    }

    static boolean here(String cache) {
        return !cache.equals(ABSENT);
    }
}
