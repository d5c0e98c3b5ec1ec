package dev.narthex.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.narthex.access.Scope.PackageName;
import dev.narthex.problem.Problem;
import dev.narthex.problem.ProblemException;
import dev.narthex.spi.Cache;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All permissions by role and token. */
class CachePermissionsTest {
    private static final Principal.Person ANNA = new Principal.Person(7, "anna", false, Set.of("growers"));
    private static final Principal.Person ROOT = new Principal.Person(1, "root", true, Set.of());
    private static final Set<Action> ALL_ACTIONS = EnumSet.complementOf(EnumSet.of(Action.PULL));
    private static final Scope EVERYTHING = Scope.of(List.of(NamePattern.ALL), ALL_ACTIONS);

    /** Letters of {@link #LETTERS}, or a dash if refused: for the orchard and the workshop, each public and then private. */
    private static final String TABLE = """
            anonymous                            rl------ rl------ -------- --------
            invalid                              -l------ -l------ -------- --------
            person, member of nothing            rl------ rl------ -------- --------
            person, reader                       rl------ rl------ rl------ --------
            person, publisher                    rlpu---- rl------ rlpu---- --------
            person, maintainer                   rlpum--- rl------ rlpum--- --------
            person, owner                        rlpumcdn rl------ rlpumcdn --------
            person, admin                        rlpumcdn rlpumcdn rlpumcdn rlpumcdn
            instance, admin                      rlpumcdn rlpumcdn rlpumcdn rlpumcdn
            instance, everything                 rlpumcdn rlpumcdn rlpumcdn rlpumcdn
            instance, nothing                    rl------ rl------ -------- --------
            instance, read orchard               rl------ rl------ rl------ --------
            instance, push orch*                 rlp----- rl------ rlp----- --------
            instance, create work*               rl------ rl-----n -------- rl-----n
            instance, everything of npm          rlpu---n rlpu---n rlpu---n rlpu---n
            instance, everything of lib-*        rlpu---n rlpu---n rlpu---n rlpu---n
            of a reader, everything              rl------ rl------ rl------ --------
            of a publisher, everything           rlpu---- rl------ rlpu---- --------
            of a publisher, read                 rl------ rl------ rl------ --------
            of a publisher, push workshop        rl------ rl------ -------- --------
            of an owner, everything              rlpumcdn rl------ rlpumcdn --------
            of an owner, admin                   rlpumcdn rl------ rlpumcdn --------
            of an owner who left, everything     rl------ rl------ -------- --------
            of an admin, admin                   rlpumcdn rlpumcdn rlpumcdn rlpumcdn
            of an admin, push orchard            rlp----- rl------ rlp----- --------
            """;

    private static final String LETTERS = "rlpumcdn";

    private static Map<String, CachePermissions> standings() {
        var nobody = Optional.<Role>empty();
        var orchard = List.of(new NamePattern("orchard"));
        var all = List.of(NamePattern.ALL);
        return Map.ofEntries(
                Map.entry("anonymous", new CachePermissions(new Principal.Anonymous(), nobody)),
                Map.entry("invalid", new CachePermissions(new Principal.Invalid(), nobody)),
                Map.entry("person, member of nothing", new CachePermissions(ANNA, nobody)),
                Map.entry("person, reader", new CachePermissions(ANNA, Optional.of(Role.READER))),
                Map.entry("person, publisher", new CachePermissions(ANNA, Optional.of(Role.PUBLISHER))),
                Map.entry("person, maintainer", new CachePermissions(ANNA, Optional.of(Role.MAINTAINER))),
                Map.entry("person, owner", new CachePermissions(ANNA, Optional.of(Role.OWNER))),
                Map.entry("person, admin", new CachePermissions(ROOT, nobody)),
                Map.entry("instance, admin", instance(Scope.ADMIN)),
                Map.entry("instance, everything", instance(EVERYTHING)),
                Map.entry("instance, nothing", instance(Scope.of(all, Set.of()))),
                Map.entry("instance, read orchard", instance(Scope.of(orchard, Set.of(Action.READ)))),
                Map.entry(
                        "instance, push orch*",
                        instance(Scope.of(List.of(new NamePattern("orch*")), Set.of(Action.PUSH)))),
                Map.entry(
                        "instance, create work*",
                        instance(Scope.of(List.of(new NamePattern("work*")), Set.of(Action.CREATE)))),
                Map.entry(
                        "instance, everything of npm",
                        instance(new Scope(false, all, List.of(new NamePattern("npm")), all, ALL_ACTIONS))),
                Map.entry(
                        "instance, everything of lib-*",
                        instance(new Scope(false, all, all, List.of(new NamePattern("lib-*")), ALL_ACTIONS))),
                Map.entry("of a reader, everything", of(ANNA, Role.READER, EVERYTHING)),
                Map.entry("of a publisher, everything", of(ANNA, Role.PUBLISHER, EVERYTHING)),
                Map.entry("of a publisher, read", of(ANNA, Role.PUBLISHER, Scope.of(all, Set.of(Action.READ)))),
                Map.entry(
                        "of a publisher, push workshop",
                        of(ANNA, Role.PUBLISHER, Scope.of(List.of(new NamePattern("workshop")), Set.of(Action.PUSH)))),
                Map.entry("of an owner, everything", of(ANNA, Role.OWNER, EVERYTHING)),
                Map.entry("of an owner, admin", of(ANNA, Role.OWNER, Scope.ADMIN)),
                Map.entry("of an owner who left, everything", new CachePermissions(token(ANNA, EVERYTHING), nobody)),
                Map.entry("of an admin, admin", new CachePermissions(token(ROOT, Scope.ADMIN), nobody)),
                Map.entry(
                        "of an admin, push orchard",
                        new CachePermissions(token(ROOT, Scope.of(orchard, Set.of(Action.PUSH))), nobody)));
    }

    private static CachePermissions instance(Scope scope) {
        return new CachePermissions(new Principal.Token(3, "robot", scope, Optional.empty()), Optional.empty());
    }

    private static CachePermissions of(Principal.Person owner, Role role, Scope scope) {
        return new CachePermissions(token(owner, scope), Optional.of(role));
    }

    private static Principal.Token token(Principal.Person owner, Scope scope) {
        return new Principal.Token(3, "robot", scope, Optional.of(owner));
    }

    /** The workshop is another tenant, where nobody here is a member. */
    private static String decided(CachePermissions permissions) {
        var elsewhere = new CachePermissions(permissions.principal(), Optional.empty());
        return letters(permissions, cache("orchard", true)) + " " + letters(elsewhere, cache("workshop", true)) + " "
                + letters(permissions, cache("orchard", false)) + " " + letters(elsewhere, cache("workshop", false));
    }

    private static Cache cache(String name, boolean open) {
        long id = name.length();
        return new Cache(id, id, name, "", open, 41, true);
    }

    private static String letters(CachePermissions permissions, Cache cache) {
        return Arrays.stream(Action.values())
                .map(action -> permissions.isAllowed(action, cache, Optional.empty())
                        ? LETTERS.substring(action.ordinal(), action.ordinal() + 1)
                        : "-")
                .collect(Collectors.joining());
    }

    @Test
    void everyPrincipalHasTheListedPermissions() {
        var expected = TABLE.lines()
                .map(line -> line.split(" {2,}", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1], (a, b) -> a, TreeMap::new));
        var decided = new TreeMap<String, String>();
        standings().forEach((name, permissions) -> decided.put(name, decided(permissions)));
        assertEquals(expected, decided);
    }

    @Test
    void tokenNeverHasMorePermissionsThanItsOwner() {
        for (var role : Role.values()) {
            var person = decided(new CachePermissions(ANNA, Optional.of(role)));
            for (var scope : List.of(EVERYTHING, Scope.ADMIN)) {
                assertEquals(person, decided(of(ANNA, role, scope)), role + " " + scope);
            }
        }
    }

    @Test
    void scopeIsCheckedAgainstThePackage() {
        var all = List.of(NamePattern.ALL);
        var some = instance(new Scope(
                false,
                List.of(new NamePattern("orchard")),
                List.of(new NamePattern("npm")),
                List.of(new NamePattern("@harbour/*"), new NamePattern("lantern")),
                Set.of(Action.PUBLISH, Action.MAINTAIN)));
        assertTrue(may(some, Action.PUBLISH, "npm", "@harbour/two"));
        assertTrue(may(some, Action.PUBLISH, "npm", "lantern"));
        assertTrue(may(some, Action.MAINTAIN, "npm", "lantern"));
        assertFalse(may(some, Action.PUBLISH, "npm", "lantern-two"));
        assertFalse(may(some, Action.PUBLISH, "pypi", "lantern"));
        assertFalse(may(some, Action.PUSH, "npm", "lantern"));
        var none = instance(new Scope(false, all, List.of(), all, ALL_ACTIONS));
        assertFalse(may(none, Action.PUBLISH, "npm", "lantern"));
        assertTrue(may(instance(EVERYTHING), Action.PUBLISH, "npm", "lantern"));
        assertTrue(may(new CachePermissions(ANNA, Optional.of(Role.PUBLISHER)), Action.PUBLISH, "npm", "lantern"));
        assertFalse(may(new CachePermissions(ANNA, Optional.of(Role.READER)), Action.PUBLISH, "npm", "lantern"));
    }

    private static boolean may(CachePermissions permissions, Action action, String ecosystem, String name) {
        return permissions.isAllowed(action, cache("orchard", false), Optional.of(new PackageName(ecosystem, name)));
    }

    @Test
    void privateCacheIsRefusedLikeAnAbsentOne() {
        standings().forEach((name, permissions) -> {
            var elsewhere = new CachePermissions(permissions.principal(), Optional.empty());
            for (var action : Action.values()) {
                var hidden = cache("workshop", false);
                if (!elsewhere.isAllowed(Action.READ, hidden, Optional.empty())) {
                    assertEquals(
                            elsewhere.denial(action, "workshop", Optional.empty()),
                            elsewhere.denial(action, "workshop", Optional.of(hidden)),
                            name + " " + action);
                }
            }
        });
    }

    @Test
    void refusalNamesTheMissingPermission() {
        var reader = new CachePermissions(ANNA, Optional.of(Role.READER));
        var refused = reader.denial(Action.PUSH, "orchard", Optional.of(cache("orchard", false)));
        assertInstanceOf(Problem.Forbidden.class, refused);
        assertEquals(
                "To push in orchard one must be its publisher; you are its reader. Its owners can change that.",
                refused.detail());
        var narrow = of(ANNA, Role.OWNER, Scope.of(List.of(NamePattern.ALL), Set.of(Action.READ)))
                .denial(Action.PUSH, "orchard", Optional.of(cache("orchard", false)));
        assertTrue(narrow.detail().startsWith("The scope of the token “robot”"), narrow.detail());
    }

    @Test
    void scopesSurviveARoundTrip() {
        var scope = new Scope(
                false,
                List.of(new NamePattern("orch*")),
                List.of(new NamePattern("npm")),
                List.of(new NamePattern("@a/*")),
                Set.of(Action.READ, Action.PUBLISH));
        assertEquals(scope, Scope.parse(scope.json()));
        assertEquals(Scope.ADMIN, Scope.parse("{\"admin\": true}"));
        assertEquals(Scope.of(List.of(), Set.of()).actions(), Scope.parse("{}").actions());
    }

    @ParameterizedTest
    @ValueSource(strings = {"lantern", "@harbour/two", "lib-*", "*", "a.b_c+d~1"})
    void patternMatchesANameOrAPrefix(String text) {
        assertEquals(text, NamePattern.parse("packages", text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "**", "a*b", "*a", "a b", "a\n", "a\u0000", "a\u200b"})
    void invalidPatternIsRefusedWithItsField(String text) {
        var refused = assertThrows(ProblemException.class, () -> NamePattern.parse("packages", text));
        assertEquals(Optional.of("packages"), refused.problem().field());
        assertEquals(400, refused.problem().status());
    }
}
