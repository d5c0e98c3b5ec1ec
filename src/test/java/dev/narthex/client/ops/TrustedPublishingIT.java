package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.narthex.client.support.AccessibilityChecker;
import dev.narthex.client.support.Browser;
import dev.narthex.client.support.NixPushClient;
import dev.narthex.client.support.Poll;
import dev.narthex.client.support.ProgramRunner;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SmallNar;
import dev.narthex.ecosystem.npm.PublishRequestFixture;
import dev.narthex.ecosystem.npm.SigstoreBundleFixture;
import dev.narthex.ecosystem.support.ArchiveFixture;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** CI runs publish without a stored secret, as trusted publishers of caches. */
class TrustedPublishingIT extends TrustedPublishingSetup {
    private static final Path NPM = Path.of(System.getProperty("narthex.tools"), "node_modules/npm/bin/npm-cli.js")
            .toAbsolutePath();

    private static HttpResponse<String> exchange(String name, String idToken) throws Exception {
        return server.http.send(
                server.request("/-/npm/v1/oidc/token/exchange/package/" + name.replace("/", "%2f"))
                        .header("Authorization", "Bearer " + idToken)
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static int publish(String token, String cache, String name, String version) throws Exception {
        return put(
                token,
                "/registry/" + cache + "/npm/" + name.replace("/", "%2f"),
                PublishRequestFixture.of(name, version));
    }

    private static int put(String token, String address, PublishRequestFixture sending) throws Exception {
        return server.http
                .send(
                        server.request(address)
                                .header("Authorization", "Bearer " + token)
                                .header("Content-Type", "application/json")
                                .PUT(BodyPublishers.ofString(sending.body()))
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void runPublishesOnlyAllowedPackages() throws Exception {
        rule("main", "npm", "@harbour/*", Map.of("repository", REPOSITORY));
        var token = minted(exchange("@harbour/lantern", issuer.token("npm:127.0.0.1", RUN, claims -> {})));
        assertEquals(201, publish(token, "main", "@harbour/lantern", "1.0.0"));
        assertEquals(403, publish(token, "main", "@harbour/other", "1.0.0"));
        assertEquals(403, publish(token, "quay", "@harbour/lantern", "1.0.0"));
        assertEquals(
                403,
                exchange("stranger", issuer.token("npm:127.0.0.1", RUN, claims -> {}))
                        .statusCode());
        var page = server.http.send(
                server.request("/main/npm/@harbour/lantern@1.0.0/versions").build(), BodyHandlers.ofString());
        assertTrue(page.body().contains("CI repo:harbour/lantern:ref:refs/heads/main"), page.body());
        var audit = send("GET", "/_api/v1/main/audit", "").body();
        assertTrue(audit.contains("CI repo:harbour/lantern"), audit);
    }

    /** The page shows the verified claims of the run, and whether the builder's statement names the same repository. */
    @Test
    void provenanceNamesThePublishingRun() throws Exception {
        var rule = rule("main", "npm", "@harbour/chain", Map.of("repository", REPOSITORY));
        var run = new HashMap<>(RUN);
        run.put("workflow_ref", REPOSITORY + "/.forge/release.yml@refs/tags/v1");
        run.put("sha", "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
        run.put("run_id", "4411");
        var versions = Map.of(
                "1.0.0", issuer.issuer() + "/" + REPOSITORY,
                "2.0.0", issuer.issuer() + "/somebody/else",
                "3.0.0", "https://elsewhere.example/" + REPOSITORY);
        for (var version : versions.entrySet()) {
            var token = minted(exchange("@harbour/chain", issuer.token("npm:127.0.0.1", run, claims -> {})));
            var folder = Files.createDirectories(scratch.resolve(version.getKey()));
            var sending = SigstoreBundleFixture.make(folder)
                    .with(
                            PublishRequestFixture.of("@harbour/chain", version.getKey()),
                            statement -> ((ObjectNode)
                                            statement.at("/predicate/buildDefinition/externalParameters/workflow"))
                                    .put("repository", version.getValue()),
                            bundle -> {});
            assertEquals(201, put(token, "/registry/main/npm/@harbour%2fchain", sending));
        }
        var own = told("1.0.0");
        assertEquals(issuer.issuer(), own.at("/publisher/run/issuer").asText());
        assertEquals(REPOSITORY, own.at("/publisher/run/place").asText());
        assertEquals("4411", own.at("/publisher/run/number").asText());
        assertTrue(own.at("/publisher/run/ruleStands").asBoolean(), own.toString());
        assertTrue(own.at("/publisher/run/named").asBoolean(), own.toString());
        assertEquals("fits", own.at("/statements/0/fit").asText());
        for (var version : List.of("2.0.0", "3.0.0")) {
            var other = told(version);
            assertFalse(other.at("/publisher/run/named").asBoolean(), other.toString());
            assertEquals("another", other.at("/statements/0/fit").asText());
        }
        var page = page(chain("1.0.0"));
        assertTrue(page.body().contains("A CI run of <strong class=\"wrapany\">" + REPOSITORY), page.body());
        assertTrue(page.body().contains("Matches the trusted publisher rule"), page.body());
        assertTrue(page(chain("2.0.0")).body().contains("than the CI run that published it"));
        assertEquals(204, send("DELETE", rule, "").statusCode());
        rules.remove(rule);
        var after = page(chain("1.0.0"));
        assertTrue(after.body().contains("has since been removed"), after.body());
        assertNotEquals(page.headers().firstValue("ETag"), after.headers().firstValue("ETag"));
        var overview = server.http.send(
                server.request("/main/npm/@harbour/chain@1.0.0").build(), BodyHandlers.ofString());
        assertTrue(overview.body().contains("CI run of " + REPOSITORY + ", <a"), overview.body());
    }

    /** Cases that the test store lacks: a statement about another repository, an invalid signature, no advisory source. */
    @Test
    void trustPagesLookRightInAllThemesAndWidths() throws Exception {
        rule("main", "npm", "buoy", Map.of("repository", REPOSITORY));
        var sending = SigstoreBundleFixture.make(scratch)
                .with(PublishRequestFixture.of("buoy", "1.0.0"), statement -> {}, bundle -> {});
        var admin = Files.readString(server.data().resolve("admin-token")).strip();
        assertEquals(201, put(admin, "/registry/main/npm/buoy", sending));
        var push = new NixPushClient(server, "main");
        var nar = SmallNar.of(Map.of("lantern", "light"));
        push.upload(nar.bytes());
        var path = SmallNar.path("lantern-1.0");
        var info = nar.narInfo(path);
        info.put("Sig", "main:" + Base64.getEncoder().encodeToString(new byte[64]));
        assertEquals(201, push.narInfo(path, SmallNar.text(info)).statusCode());
        Poll.until("it is recognised", () -> page("nix/lantern@1.0/provenance").statusCode() == 200);
        var bad = page("nix/lantern@1.0/provenance").body();
        assertTrue(bad.contains("A signature is bad"), bad);
        try (var browser = new Browser()) {
            for (var release : List.of("npm/buoy@1.0.0", "nix/lantern@1.0")) {
                for (var tab : List.of("provenance", "security")) {
                    browser.go(server.uri("/main/" + release + "/" + tab));
                    AccessibilityChecker.everyLook(
                            browser, Path.of("target/pictures"), tab + "-" + release.replaceAll("\\W", "-"));
                }
            }
        }
    }

    private static String chain(String version) {
        return "npm/@harbour/chain@" + version + "/provenance";
    }

    private static JsonNode told(String version) throws Exception {
        var answer =
                server.http.send(server.request("/api/main/" + chain(version)).build(), BodyHandlers.ofString());
        assertEquals(200, answer.statusCode(), answer.body());
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> page(String below) throws Exception {
        return server.http.send(
                server.request("/main/" + below).header("Accept", "text/html").build(), BodyHandlers.ofString());
    }

    @Test
    void tokenLasts15MinutesAndEndsWithItsPublisher() throws Exception {
        var rule = rule("main", "pypi", "*", Map.of("sub", "repo:" + REPOSITORY + ":*"));
        var answer = mint(issuer.token(audience(), RUN, claims -> {}));
        var token = minted(answer);
        long left = JSON.readTree(answer.body()).path("expires").asLong()
                - Instant.now().getEpochSecond();
        assertTrue(left > 13 * 60 && left <= 15 * 60, "it lives for " + left + " s");
        assertEquals(200, read(token));
        assertEquals(204, send("DELETE", rule, "").statusCode());
        rules.remove(rule);
        assertEquals(401, read(token));
        assertEquals(
                "invalid-publisher",
                refused(mint(issuer.token(audience(), RUN, claims -> {})))
                        .path("code")
                        .asText());
    }

    private static int read(String token) throws Exception {
        return server.http
                .send(
                        server.request("/registry/main/npm/-/whoami")
                                .header("Authorization", "Bearer " + token)
                                .build(),
                        BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void trustedPublisherNeedsAnIdentifyingClaim() throws Exception {
        var path = "/_api/v1/main/trust";
        var good = Map.of("ecosystem", "npm", "issuer", issuer.issuer());
        for (var claims : List.of(
                Map.of(),
                Map.of("ref", "refs/heads/main"),
                Map.of("repository", "*"),
                Map.of("repository", "a*b"),
                Map.of("repository", "harbour*"),
                Map.of("repository", "harbour/lantern*"),
                Map.of("sub", "repo:*"))) {
            var wanted = new java.util.HashMap<String, Object>(good);
            wanted.put("claims", claims);
            var answer = send("POST", path, JSON.writeValueAsString(wanted));
            assertEquals(400, answer.statusCode(), answer.body());
        }
        var untrusted =
                Map.of("ecosystem", "npm", "issuer", stranger.issuer(), "claims", Map.of("repository", REPOSITORY));
        var answer = send("POST", path, JSON.writeValueAsString(untrusted));
        assertEquals(400, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains(issuer.issuer()), answer.body());
        assertEquals(
                0, JSON.readTree(send("GET", path, "").body()).path("rules").size());
    }

    @Test
    void unsafeStoredPublisherGrantsNothing() throws Exception {
        long id;
        try (var rows = new ServerDatabase(server)) {
            id = rows.number("""
                    insert into trust_rule (cache_id, ecosystem, packages, issuer, claims)
                    select id, 'pypi', '*', '%s', '{"repository": "harbour*"}' from cache where name = 'main'
                    returning id""".formatted(issuer.issuer()));
        }
        rules.add("/_api/v1/main/trust/" + id);
        assertEquals(
                "invalid-publisher",
                refused(mint(issuer.token(audience(), RUN, claims -> {})))
                        .path("code")
                        .asText());
        var listed =
                JSON.readTree(send("GET", "/_api/v1/main/trust", "").body()).at("/rules/0/broken");
        assertTrue(listed.asText().startsWith("“repository = harbour*”"), listed.toString());
        var page = send("GET", "/main/settings", "").body();
        assertTrue(page.contains("This rule grants nothing."), page);
    }

    @Test
    void tokenEndsWithAnyPublisherItWasIssuedFor() throws Exception {
        for (int removed = 0; removed < 2; removed++) {
            var both = List.of(
                    rule("main", "pypi", "buoy-*", Map.of("repository", REPOSITORY)),
                    rule("main", "pypi", "lantern", Map.of("environment", "release", "repository", "harbour/*")));
            var token = minted(mint(issuer.token(audience(), RUN, claims -> {})));
            assertEquals(200, read(token));
            assertEquals(204, send("DELETE", both.get(removed), "").statusCode());
            assertEquals(401, read(token), "rule " + removed);
            assertEquals(204, send("DELETE", both.get(1 - removed), "").statusCode());
            rules.removeAll(both);
        }
    }

    @Test
    void npmPublishesWithAnIdToken() throws Exception {
        rule("main", "npm", "wharf", Map.of("repository", REPOSITORY));
        var registry = server.uri("/registry/main/npm/").toString();
        Files.writeString(scratch.resolve("package.json"), "{\"name\":\"wharf\",\"version\":\"1.0.0\"}");
        Files.writeString(
                scratch.resolve(".npmrc"),
                "registry=%s\ncache=%s\nupdate-notifier=false\n".formatted(registry, scratch.resolve("cache")));
        var run = new ProgramRunner(scratch)
                .with("CI", "true")
                .with("GITHUB_ACTIONS", "true")
                .with("ACTIONS_ID_TOKEN_REQUEST_URL", issuer.request())
                .with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of the run");
        issuer.run = Map.of("repository", "somebody/else");
        run.run("node", NPM.toString(), "publish").failed();
        issuer.run = RUN;
        run.run("node", NPM.toString(), "publish").succeeded();
        var view = run.run("node", NPM.toString(), "view", "wharf", "version").succeeded();
        assertEquals("1.0.0", view.out().strip());
    }

    /** Like a CI run with curl: twine requests tokens itself only for known indexes. */
    @Test
    void twineUploadsWithAnExchangedToken() throws Exception {
        rule("main", "pypi", "nx-beam", Map.of("repository", REPOSITORY));
        var wheel = Files.write(
                scratch.resolve("nx_beam-1.0-py3-none-any.whl"), ArchiveFixture.wheel("nx_beam", "1.0", ""));
        var other = Files.write(
                scratch.resolve("nx_other-1.0-py3-none-any.whl"), ArchiveFixture.wheel("nx_other", "1.0", ""));
        var token = minted(mint(issuer.token(audience(), RUN, claims -> {})));
        var run = new ProgramRunner(scratch)
                .with("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
                .with("TWINE_USERNAME", "__token__")
                .with("TWINE_PASSWORD", token)
                .with(
                        "TWINE_REPOSITORY_URL",
                        server.uri("/registry/main/pypi/legacy/").toString());
        run.run("twine", "upload", "--non-interactive", wheel.toString()).succeeded();
        run.run("twine", "upload", "--non-interactive", other.toString()).failed();
        var index = server.http.send(
                server.request("/registry/main/pypi/simple/nx-beam/").build(), BodyHandlers.ofString());
        assertTrue(index.body().contains("nx_beam-1.0-py3-none-any.whl"), index.body());
    }
}
