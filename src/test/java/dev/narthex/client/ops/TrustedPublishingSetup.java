package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.client.support.CiIssuerServer;
import dev.narthex.client.support.Server;
import dev.narthex.client.support.ServerDatabase;
import dev.narthex.client.support.SharedSignInServer;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;

/** A server that trusts a CI issuer, and runs that exchange ID tokens for tokens of the cache. */
abstract class TrustedPublishingSetup {
    static final ObjectMapper JSON = new ObjectMapper();
    static final String REPOSITORY = "harbour/lantern";
    static final Map<String, Object> RUN = Map.of("repository", REPOSITORY, "environment", "release");

    static Server server;
    static CiIssuerServer issuer;
    static CiIssuerServer stranger;
    static CiIssuerServer shortlived;

    @TempDir
    Path scratch;

    final List<String> rules = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        server = SharedSignInServer.instance().server;
        issuer = SharedSignInServer.instance().issuer;
        shortlived = SharedSignInServer.instance().shortLivedIssuer;
        stranger = new CiIssuerServer();
        try (var rows = new ServerDatabase(server)) {
            rows.cache("quay", true);
        }
    }

    @AfterAll
    static void stop() {
        stranger.close();
    }

    @AfterEach
    void forgetRules() throws Exception {
        for (var rule : rules) {
            assertEquals(204, send("DELETE", rule, "").statusCode());
        }
    }

    static HttpResponse<String> send(String method, String path, String body) throws Exception {
        return server.http.send(
                server.authorized(path)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    String rule(String cache, String ecosystem, String packages, Map<String, String> claims) throws Exception {
        return rule(issuer, cache, ecosystem, packages, claims);
    }

    String rule(CiIssuerServer by, String cache, String ecosystem, String packages, Map<String, String> claims)
            throws Exception {
        var wanted = Map.of("ecosystem", ecosystem, "packages", packages, "issuer", by.issuer(), "claims", claims);
        var answer = send("POST", "/_api/v1/" + cache + "/trust", JSON.writeValueAsString(wanted));
        assertEquals(201, answer.statusCode(), answer.body());
        var path = "/_api/v1/" + cache + "/trust/"
                + JSON.readTree(answer.body()).path("id").asLong();
        rules.add(path);
        return path;
    }

    static String audience() throws Exception {
        var answer = server.http.send(server.request("/_/oidc/audience").build(), BodyHandlers.ofString());
        return JSON.readTree(answer.body()).path("audience").asText();
    }

    static HttpResponse<String> mint(String idToken) throws Exception {
        return server.http.send(
                server.request("/_/oidc/mint-token")
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("token", idToken))))
                        .build(),
                BodyHandlers.ofString());
    }

    static String minted(HttpResponse<String> answer) throws Exception {
        assertTrue(answer.statusCode() < 300, answer.body());
        return JSON.readTree(answer.body()).path("token").asText();
    }

    static JsonNode refused(HttpResponse<String> answer) throws Exception {
        assertEquals(422, answer.statusCode(), answer.body());
        var said = JSON.readTree(answer.body());
        assertEquals("Token request failed", said.path("message").asText());
        return said.path("errors").path(0);
    }

    static Arguments bad(String code, Consumer<JwtClaims> change) {
        return Arguments.of(code, change);
    }
}
