package dev.narthex.client.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/** A CI system on loopback whose runs get ID tokens like those of large forges. */
public final class CiIssuerServer implements AutoCloseable {
    private final HttpServer server;
    private final String issuer;
    private volatile RsaJsonWebKey key = key("one");

    /** Response to {@link #request}. */
    public volatile Map<String, Object> run = Map.of();

    public CiIssuerServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer = "http://127.0.0.1:" + server.getAddress().getPort();
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/.well-known/openid-configuration", this::discovery);
        server.createContext("/keys", exchange -> json(exchange, new JsonWebKeySet(key).toJson()));
        server.createContext("/id-token", this::idToken);
        server.start();
    }

    public String issuer() {
        return issuer;
    }

    /** The URL at which a run requests its ID token; the audience is appended. */
    public String request() {
        return issuer + "/id-token?api-version=2";
    }

    /** Replaces the signing key and publishes only the new one. */
    public void rotate(String name) {
        key = key(name);
    }

    public static RsaJsonWebKey key(String name) {
        try {
            var made = RsaJwkGenerator.generateJwk(2048);
            made.setKeyId(name);
            made.setAlgorithm("RS256");
            made.setUse("sig");
            return made;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    public RsaJsonWebKey key() {
        return key;
    }

    /** Returns a valid token, unless the claims are changed. */
    public String token(String audience, Map<String, Object> claims, Consumer<JwtClaims> change) {
        var said = claims(audience, claims);
        change.accept(said);
        return signed(said, key);
    }

    public JwtClaims claims(String audience, Map<String, Object> claims) {
        var said = new JwtClaims();
        said.setIssuer(issuer);
        said.setAudience(audience);
        said.setIssuedAtToNow();
        said.setExpirationTimeMinutesInTheFuture(5);
        said.setJwtId(UUID.randomUUID().toString());
        said.setSubject("repo:" + claims.get("repository") + ":ref:refs/heads/main");
        claims.forEach(said::setClaim);
        return said;
    }

    public static String signed(JwtClaims claims, RsaJsonWebKey key) {
        try {
            var signature = new JsonWebSignature();
            signature.setPayload(claims.toJson());
            signature.setKey(key.getPrivateKey());
            signature.setKeyIdHeaderValue(key.getKeyId());
            signature.setAlgorithmHeaderValue("RS256");
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private void discovery(HttpExchange exchange) throws IOException {
        json(exchange, "{\"issuer\": \"%1$s\", \"jwks_uri\": \"%1$s/keys\"}".formatted(issuer));
    }

    private void idToken(HttpExchange exchange) throws IOException {
        var audience = exchange.getRequestURI().getQuery().replaceFirst(".*audience=", "");
        json(exchange, "{\"value\": \"" + token(audience, run, claims -> {}) + "\"}");
    }

    private static void json(HttpExchange exchange, String body) throws IOException {
        try (exchange) {
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
