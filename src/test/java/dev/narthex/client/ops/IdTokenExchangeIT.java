package dev.narthex.client.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.narthex.client.support.CiIssuerServer;
import dev.narthex.client.support.Poll;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** ID tokens: signatures, claims, keys, clocks and reuse. */
class IdTokenExchangeIT extends TrustedPublishingSetup {

    static Stream<Arguments> badTokens() {
        return Stream.of(
                bad("invalid-token", claims -> claims.setAudience("somebody.example.org")),
                bad("invalid-token", claims -> claims.setExpirationTimeMinutesInTheFuture(-5)),
                bad("invalid-token", claims -> claims.setExpirationTimeMinutesInTheFuture(24 * 60)),
                bad("invalid-token", claims -> claims.unsetClaim("exp")),
                bad("invalid-token", claims -> claims.unsetClaim("iat")),
                bad("invalid-token", claims -> claims.setIssuedAt(secondsAhead(90))),
                bad("invalid-token", claims -> claims.unsetClaim("jti")),
                bad("invalid-token", claims -> claims.unsetClaim("sub")),
                bad("invalid-token", claims -> claims.setNotBeforeMinutesInThePast(-30)),
                bad("invalid-token", claims -> claims.setIssuer("https://elsewhere.example.org")),
                bad("invalid-token", claims -> claims.setIssuer(stranger.issuer())),
                bad("invalid-publisher", claims -> claims.setClaim("repository", "harbour/lantern-fork")),
                bad("invalid-publisher", claims -> claims.setClaim("repository", List.of(REPOSITORY))),
                bad("invalid-publisher", claims -> claims.unsetClaim("repository")),
                bad("invalid-publisher", claims -> claims.unsetClaim("environment")),
                bad("invalid-publisher", claims -> claims.setClaim("environment", "test")));
    }

    private static NumericDate secondsAhead(int seconds) {
        return NumericDate.fromSeconds(Instant.now().getEpochSecond() + seconds);
    }

    @Test
    void issuerClockMayBeAheadByLessThanAMinute() throws Exception {
        rule("main", "pypi", "lantern", Map.of("repository", REPOSITORY));
        minted(mint(issuer.token(audience(), RUN, claims -> claims.setIssuedAt(secondsAhead(40)))));
    }

    @ParameterizedTest
    @MethodSource("badTokens")
    void invalidIdTokensAreRefusedWithoutDetails(String code, Consumer<JwtClaims> change) throws Exception {
        rule("main", "pypi", "lantern", Map.of("repository", REPOSITORY, "environment", "release"));
        minted(mint(issuer.token(audience(), RUN, claims -> {})));
        var answer = mint(issuer.token(audience(), RUN, change));
        assertEquals(code, refused(answer).path("code").asText(), answer.body());
        assertFalse(answer.body().contains("harbour"), answer.body());
    }

    @Test
    void foreignSignatureIsRefused() throws Exception {
        rule("main", "pypi", "lantern", Map.of("repository", REPOSITORY));
        var claims = issuer.claims(audience(), RUN);
        var same = CiIssuerServer.key(issuer.key().getKeyId());
        var header = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        var body = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(claims.toJson().getBytes(StandardCharsets.UTF_8));
        var symmetric = new JsonWebSignature();
        symmetric.setPayload(claims.toJson());
        symmetric.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        symmetric.setKey(new HmacKey(issuer.key().getPublicKey().getEncoded()));
        for (var token : List.of(
                CiIssuerServer.signed(claims, same),
                CiIssuerServer.signed(claims, CiIssuerServer.key("unknown")),
                header + "." + body + ".",
                header + "." + body + ".AAAA",
                symmetric.getCompactSerialization(),
                "garbage",
                "a.b.c",
                "x".repeat(20_000))) {
            assertEquals("invalid-token", refused(mint(token)).path("code").asText(), token);
        }
        for (var sent : List.of("", "{}", "[]", "{\"token\":5", "{\"token\":\"\"}")) {
            var answer = server.http.send(
                    server.request("/_/oidc/mint-token")
                            .POST(BodyPublishers.ofString(sent))
                            .build(),
                    BodyHandlers.ofString());
            assertEquals("invalid-payload", refused(answer).path("code").asText(), sent);
        }
        minted(mint(CiIssuerServer.signed(claims, issuer.key())));
    }

    @Test
    void idTokenIsExchangedOnce() throws Exception {
        rule("main", "pypi", "lantern", Map.of("repository", REPOSITORY));
        var idToken = issuer.token(audience(), RUN, claims -> {});
        var answers = new ArrayList<Future<HttpResponse<String>>>();
        try (var runs = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                answers.add(runs.submit(() -> mint(idToken)));
            }
        }
        int given = 0;
        for (var answer : answers) {
            given += answer.get().statusCode() == 200 ? 1 : 0;
        }
        assertEquals(1, given);
    }

    @Test
    void issuerKeyRotationAndOutageAreTolerated() throws Exception {
        rule(shortlived, "main", "pypi", "lantern", Map.of("repository", REPOSITORY));
        minted(mint(shortlived.token(audience(), RUN, claims -> {})));
        var before = shortlived.key();
        shortlived.rotate("two");
        Poll.until(
                "the new key is taken",
                () -> mint(shortlived.token(audience(), RUN, claims -> {})).statusCode() == 200);
        var old = CiIssuerServer.signed(shortlived.claims(audience(), RUN), before);
        assertEquals("invalid-token", refused(mint(old)).path("code").asText());
        shortlived.close();
        minted(mint(shortlived.token(audience(), RUN, claims -> {})));
    }

    @Test
    void audienceSelectsTheCache() throws Exception {
        rule("main", "pypi", "lantern", Map.of("repository", REPOSITORY));
        rule("quay", "pypi", "*", Map.of("repository", REPOSITORY));
        assertEquals(
                "invalid-publisher",
                refused(mint(issuer.token(audience(), RUN, claims -> {})))
                        .path("code")
                        .asText());
        minted(mint(issuer.token(audience() + "/quay", RUN, claims -> {})));
        assertEquals(
                "invalid-publisher",
                refused(mint(issuer.token(audience() + "/absent", RUN, claims -> {})))
                        .path("code")
                        .asText());
    }
}
