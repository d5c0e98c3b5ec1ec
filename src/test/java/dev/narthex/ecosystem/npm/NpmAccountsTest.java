package dev.narthex.ecosystem.npm;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.narthex.TestDatabase;
import dev.narthex.access.Role;
import dev.narthex.access.support.AccessFixture;
import dev.narthex.client.support.NodeClient;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.spi.Cache;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accounts, organizations and teams with the real npm, and the errors that it prints. */
@QuarkusTest
@QuarkusTestResource(TestDatabase.class)
class NpmAccountsTest {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String ABSENT =
            "No person with this name or address has signed in here. People can become members once"
                    + " they have signed in; groups at any time.";
    private static final String TEAMS = "The teams of CACHE are its roles, and there are no others: CACHE:readers,"
            + " CACHE:publishers, CACHE:maintainers, CACHE:owners. Change who is in them with npm team add and rm.";
    private static final String PUBLIC =
            "All packages of CACHE are public, since the cache is; its owners change that for all of"
                    + " them at URL/CACHE/settings.";
    private static final String PROFILE =
            "Names, addresses and second factors are the identity provider's: change them there, and"
                    + " sign in here again.";

    @Inject
    AccessFixture people;

    @TestHTTPResource("/")
    URI server;

    @TempDir
    Path scratch;

    private Cache cache;
    private Someone owner;
    private Someone maintainer;
    private Someone reader;

    private record Someone(String name, String token) {}

    @BeforeEach
    void aCrewAndItsPackage() {
        cache = people.cache("npm-crew-" + NUMBERS.incrementAndGet(), true);
        owner = member(Role.OWNER);
        maintainer = member(Role.MAINTAINER);
        reader = member(Role.READER);
        given().urlEncodingEnabled(false)
                .header("Authorization", "Bearer " + maintainer.token)
                .contentType("application/json")
                .body(PublishRequestFixture.of("@boat/oar", "1.0.0").body())
                .put("/registry/" + cache.name() + "/npm/@boat%2foar")
                .then()
                .statusCode(201);
    }

    private Someone member(Role role) {
        long id = people.person(false);
        people.member(cache, id, role);
        return someone(id);
    }

    private Someone someone(long id) {
        people.run("update person set email = name || '@example.org' where id = " + id);
        var name = people.column("select name from person where id = " + id).getFirst();
        return new Someone(name, people.token(id));
    }

    private ProgramRunner as(Someone who) throws IOException {
        return withToken(who.name, who.token);
    }

    private ProgramRunner withToken(String folder, String token) throws IOException {
        var at = Files.createDirectories(scratch.resolve(folder));
        var registry = server.resolve("/registry/" + cache.name() + "/npm/").toString();
        NodeClient.NPM.configure(at, registry);
        Files.writeString(
                at.resolve(".npmrc"),
                Files.readString(at.resolve(".npmrc")) + registry.replaceFirst("http:", "") + ":_authToken=" + token
                        + "\nfetch-retries=0\n");
        return new ProgramRunner(at).with("NO_COLOR", "1");
    }

    private static String out(ProgramRunner npm, String... words) {
        var command = new ArrayList<>(List.of("npm"));
        command.addAll(List.of(words));
        // some versions of npm print an empty line below a heading
        return npm.run(command).succeeded().out().strip().replaceAll("\n\n+", "\n");
    }

    /** Some versions of npm print a colored table, others plain lines. */
    private static String words(String told) {
        return told.replaceAll("\u001b\\[[\\d;]*m", "")
                .replaceAll("[^\\w@.()-]+", " ")
                .replace(" - ", " ")
                .strip();
    }

    @Test
    void ownersAreListedAddedAndRemoved() throws IOException {
        var npm = as(owner);
        assertEquals(owner.name + " <>\n" + maintainer.name + " <>", out(npm, "owner", "ls", "@boat/oar"));
        var anna = someone(people.person(false));
        var added = npm.run("npm", "owner", "add", anna.name, "@boat/oar").succeeded();
        assertEquals("+ " + anna.name + " (@boat/oar)", added.out().strip());
        assertTrue(
                added.err()
                        .contains("notice " + anna.name + " maintains " + cache.name()
                                + " now, with all packages in it."),
                added.err());
        assertTrue(out(npm, "owner", "ls", "@boat/oar").contains(anna.name));
        var removed = npm.run("npm", "owner", "rm", anna.name + "@example.org", "@boat/oar")
                .succeeded();
        assertTrue(
                removed.err().contains(anna.name + " is no member of " + cache.name() + " any more."), removed.err());
        assertFalse(out(npm, "owner", "ls", "@boat/oar").contains(anna.name));
        assertEquals("no admin found", out(as(reader), "owner", "ls", "@boat/oar"));
    }

    @Test
    void cacheIsTheOrganizationAndRolesAreTeams() throws IOException {
        var npm = as(owner);
        var name = cache.name();
        assertEquals(
                "@" + name + " has 4 teams:\n@" + name + ":maintainers\n@" + name + ":owners\n@" + name
                        + ":publishers\n@" + name + ":readers",
                out(npm, "team", "ls", name));
        assertEquals("@" + name + ":readers has 1 user:\n" + reader.name, out(npm, "team", "ls", name + ":readers"));
        assertEquals("@" + name + ":publishers has 0 users", out(npm, "team", "ls", name + ":publishers"));
        var roster = words(out(npm, "org", "ls", name));
        assertTrue(roster.contains(maintainer.name + " maintainer"), roster);
        assertEquals(
                "Added " + reader.name + " as publisher to " + name + ". You now have 3 members in this org.",
                out(npm, "org", "set", name, reader.name, "developer"));
        assertEquals(
                reader.name + " added to @" + name + ":readers",
                out(npm, "team", "add", name + ":readers", reader.name));
        assertEquals(
                reader.name + " removed from @" + name + ":readers",
                out(npm, "team", "rm", name + ":readers", reader.name));
        assertEquals(
                "Successfully removed " + maintainer.name + " from " + name + ". You now have 1 member in this org.",
                out(npm, "org", "rm", name, maintainer.name));
    }

    @Test
    void accessIsReported() throws IOException {
        var npm = as(maintainer);
        assertEquals("@boat/oar: read-write", out(npm, "access", "list", "packages"));
        assertEquals("@boat/oar: read-write", out(npm, "access", "list", "packages", cache.name()));
        assertEquals("@boat/oar: read-only", out(npm, "access", "list", "packages", reader.name));
        assertEquals("@boat/oar: read-only", out(npm, "access", "list", "packages", cache.name() + ":readers"));
        var collaborators = out(npm, "access", "list", "collaborators", "@boat/oar");
        assertTrue(collaborators.contains(reader.name + ": read-only"), collaborators);
        assertTrue(collaborators.contains(owner.name + ": read-write"), collaborators);
        assertEquals("@boat/oar: public", out(npm, "access", "get", "status", "@boat/oar"));
        assertEquals("@boat/oar: public", out(npm, "access", "set", "status=public", "@boat/oar"));
    }

    @Test
    void starsAreAddedAndRemoved() throws IOException {
        var npm = as(reader);
        assertTrue(out(npm, "star", "@boat/oar").endsWith("@boat/oar"));
        assertEquals("@boat/oar", out(npm, "stars"));
        assertEquals("@boat/oar", out(as(owner), "stars", reader.name));
        assertTrue(out(npm, "unstar", "@boat/oar").endsWith("@boat/oar"));
        assertEquals("", out(npm, "stars"));
    }

    @Test
    void profileShowsTheOwner() throws IOException {
        var told = words(out(as(reader), "profile", "get"));
        assertTrue(told.startsWith("name " + reader.name + " email " + reader.name + "@example.org (verified)"), told);
    }

    /** One request of each command; the others are below. CACHE, OWNER and READER are placeholders for names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "owner add nobody-here @boat/oar | 400 | " + ABSENT,
                "team create CACHE:captains | 403 | " + TEAMS,
                "org set CACHE OWNER developer | 409 | is the last owner of CACHE. Add another owner first, or ask an administrator of this"
                        + " server.",
                "access set status=private @boat/oar | 403 | " + PUBLIC,
                "profile set fullname Anna | 403 | " + PROFILE,
                "star no-boat | 404 | There is no package “no-boat” here.",
            })
    void npmPrintsWhyAnOwnersRequestIsRefused(String command, String status, String sentence) throws IOException {
        assertRefused(as(owner), command, status, sentence);
    }

    /** Requests of {@code team destroy}, {@code team ls} and so on. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "DELETE | -/team/CACHE/readers | - | 403 | " + TEAMS,
                "GET | -/team/CACHE/captains/user | - | 404 | There is no team “CACHE:captains” here.",
                "GET | -/org/elsewhere/team | - | 404 | There is no organization “elsewhere” here.",
                "DELETE | -/team/CACHE/owners/user | {\"user\":\"READER\"} | 404 | There is no owner of CACHE “READER” here.",
                "DELETE | -/org/CACHE/user | {\"user\":\"nobody-here\"} | 400 | " + ABSENT,
                "PUT | -/org/CACHE/user | {\"user\":\"group:x\",\"role\":\"developer\"} | 400 | No person with this name",
                "POST | -/package/@boat%2foar/access | {\"publish_requires_tfa\":true,\"automation_token_overrides_tfa\":false} | 403"
                        + " | Second factors are asked for where people sign in, at the identity provider, and not by this registry.",
                "GET | -/user/nobody-here/package | - | 404 | There is no user “nobody-here” here.",
                "GET | -/package/no-boat/collaborators | - | 404 | There is no package “no-boat” here.",
            })
    void refusalExplainsTheReasonToOwners(String method, String path, String body, int status, String sentence) {
        assertRefused(owner, method, path, body, status, sentence);
    }

    private void assertRefused(Someone who, String method, String path, String body, int status, String sentence) {
        var request = given().urlEncodingEnabled(false).header("Authorization", "Bearer " + who.token);
        if (body != null) {
            request.contentType("application/json").body(named(body));
        }
        request.request(method, "/registry/" + cache.name() + "/npm/" + named(path))
                .then()
                .statusCode(status)
                .body("error", containsString(named(sentence)));
    }

    /** npm before 10 sends this to its default registry. */
    @Test
    void teamPermissionsAreFixed() throws IOException {
        var npm = as(owner);
        assumeTrue(Integer.parseInt(out(npm, "--version").split("\\.")[0]) >= 10, "an npm that asks this registry");
        var fixed =
                "The permissions of a team follow from its role, and are the same for all packages of CACHE. Move people to another"
                        + " team with npm team add, or create a token for some packages on the page /me/tokens.";
        assertRefused(npm, "access grant read-only CACHE:readers @boat/oar", "403", fixed);
        assertRefused(npm, "access revoke CACHE:readers @boat/oar", "403", fixed);
    }

    private void assertRefused(ProgramRunner npm, String command, String status, String sentence) {
        var words = named("npm " + command).split(" ");
        var refused = npm.run(words).failed();
        assertTrue(refused.err().contains(named(sentence)), refused.err());
        assertTrue(refused.err().contains(status), refused.err());
    }

    private String named(String text) {
        var url = ConfigProvider.getConfig().getValue("narthex.url", String.class);
        return text.replace("URL", url)
                .replace("CACHE", cache.name())
                .replace("OWNER", owner.name)
                .replace("READER", reader.name);
    }

    @Test
    void npmPrintsWhyOtherMembersAreRefused() throws IOException {
        assertRefused(
                as(maintainer),
                "owner add READER @boat/oar",
                "403",
                "To configure in CACHE one must be its owner; you are its maintainer. Its owners can change that.");
        assertEquals(3, people.number("select count(*) from membership where cache_id = " + cache.id()));
        assertRefused(
                as(reader),
                "org ls CACHE",
                "403",
                "To maintain in CACHE one must be its maintainer; you are its reader. Its owners can change that.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "PUT | -/org/CACHE/user | {\"user\":\"READER\",\"role\":\"admin\"}",
                "PUT | -/team/CACHE/owners/user | {\"user\":\"READER\"}",
                "DELETE | -/team/CACHE/owners/user | {\"user\":\"OWNER\"}",
            })
    void maintainersChangeNoMembers(String method, String path, String body) {
        assertRefused(maintainer, method, path, body, 403, "To configure in CACHE one must be its owner");
        assertEquals(3, people.number("select count(*) from membership where cache_id = " + cache.id()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "GET | -/team/CACHE/owners/user | - | To maintain in CACHE one must be its maintainer",
                "GET | -/package/@boat%2foar/collaborators | - | To maintain in CACHE one must be its maintainer",
                "GET | -/user/OWNER/package | - | To maintain in CACHE one must be its maintainer",
                "POST | -/package/@boat%2foar/access | {\"access\":\"public\"} | To maintain in CACHE one must be its maintainer",
                "GET | -/user/org.couchdb.user:OWNER | - | To configure in CACHE one must be its owner",
            })
    void readersChangeNothing(String method, String path, String body, String sentence) {
        assertRefused(reader, method, path, body, 403, sentence);
    }

    @Test
    void starsNeedAPerson() throws IOException {
        assertRefused(
                withToken("admin", people.admin()),
                "star @boat/oar",
                "403",
                "Only people can star packages, and this token belongs to no person. Use a token from npm login or from"
                        + " the page /me/tokens.");
        long id = people.number("select id from person where name = '" + reader.name + "'");
        assertRefused(
                withToken("reads", people.readOnly(id)),
                "star @boat/oar",
                "403",
                "This token can only read. Starring a package needs a token that may publish, such as npm login makes.");
    }
}
