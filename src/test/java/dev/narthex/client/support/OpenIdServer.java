package dev.narthex.client.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.lang.JoseException;

/**
 * An OpenID Connect provider on loopback that signs in {@link #next} without a prompt: discovery, keys, code flow with PKCE and
 * client secret, refresh, logout. It can simulate a provider that hangs.
 */
public final class OpenIdServer implements AutoCloseable {
    static final String CLIENT = "narthex-test";
    public static final String SECRET = "a secret of the client, long enough";

    /** More than all tests of a class need per minute. */
    public static final int STEPS = 600;

    /** Claims of the next sign-in; empty to refuse it. */
    public volatile Map<String, Object> next = Map.of();

    public volatile int lifetimeSeconds = 300;
    private volatile CountDownLatch open = new CountDownLatch(0);
    private final Map<String, Granted> codes = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Object>> refreshes = new ConcurrentHashMap<>();
    private final RsaJsonWebKey key;
    private final HttpServer server;
    private final String issuer;

    private record Granted(Map<String, Object> claims, String nonce, String challenge, String redirect) {}

    public OpenIdServer() throws IOException, JoseException {
        key = RsaJwkGenerator.generateJwk(2048);
        key.setKeyId("one");
        key.setAlgorithm("RS256");
        key.setUse("sig");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer = "http://127.0.0.1:" + server.getAddress().getPort();
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public String issuer() {
        return issuer;
    }

    /** Returns options of a server that uses this provider. */
    public String[] options() {
        return new String[] {
            "-Dnarthex.oidc.url=" + issuer,
            "-Dnarthex.oidc.client-id=" + CLIENT,
            "-Dnarthex.oidc.client-secret=" + SECRET,
            "-Dnarthex.oidc.group-claims=groups,realm_access/roles",
            "-Dnarthex.oidc.admin-group=keepers",
            "-Dnarthex.sign-in-steps-per-minute=" + STEPS,
            "-Dnarthex.oidc.admins=first@example.org,subject-of-the-first"
        };
    }

    /** Accepts connections without a response until {@link #recover}. */
    public void hang() {
        open = new CountDownLatch(1);
    }

    public void recover() {
        open.countDown();
    }

    @Override
    public void close() {
        recover();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            open.await();
            switch (exchange.getRequestURI().getPath()) {
                case "/.well-known/openid-configuration" -> json(exchange, 200, discovery());
                case "/keys" -> json(exchange, 200, new JsonWebKeySet(key).toJson());
                case "/authorize" -> authorize(exchange);
                case "/end" -> end(exchange);
                case "/token" -> token(exchange);
                case String other -> json(exchange, 404, "{}");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (JoseException e) {
            throw new IOException(e);
        }
    }

    private String discovery() {
        return """
                {"issuer": "%1$s", "authorization_endpoint": "%1$s/authorize", "token_endpoint": "%1$s/token",
                 "jwks_uri": "%1$s/keys", "end_session_endpoint": "%1$s/end",
                 "response_types_supported": ["code"], "subject_types_supported": ["public"],
                 "id_token_signing_alg_values_supported": ["RS256"]}""".formatted(issuer);
    }

    private void authorize(HttpExchange exchange) throws IOException {
        var asked = parameters(exchange.getRequestURI().getRawQuery());
        boolean known = CLIENT.equals(asked.get("client_id")) && "S256".equals(asked.get("code_challenge_method"));
        if (!known) {
            json(exchange, 400, "{}");
            return;
        }
        var code = UUID.randomUUID().toString();
        codes.put(code, new Granted(next, asked.get("nonce"), asked.get("code_challenge"), asked.get("redirect_uri")));
        var brought = next.isEmpty() ? "error=access_denied" : "code=" + code;
        exchange.getResponseHeaders()
                .set(
                        "Location",
                        asked.get("redirect_uri") + "?" + brought + "&state="
                                + URLEncoder.encode(asked.get("state"), StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(302, -1);
    }

    private static void end(HttpExchange exchange) throws IOException {
        var asked = parameters(exchange.getRequestURI().getRawQuery());
        exchange.getResponseHeaders().set("Location", asked.get("post_logout_redirect_uri"));
        exchange.sendResponseHeaders(asked.containsKey("id_token_hint") ? 302 : 400, -1);
    }

    private void token(HttpExchange exchange) throws IOException, JoseException {
        var asked = parameters(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        var expected =
                "Basic " + Base64.getEncoder().encodeToString((CLIENT + ":" + SECRET).getBytes(StandardCharsets.UTF_8));
        if (!expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            json(exchange, 401, "{\"error\": \"invalid_client\"}");
            return;
        }
        var granted = "refresh_token".equals(asked.get("grant_type")) ? refreshed(asked) : exchanged(asked);
        if (granted.isEmpty()) {
            json(exchange, 400, "{\"error\": \"invalid_grant\"}");
            return;
        }
        var refresh = UUID.randomUUID().toString();
        refreshes.put(refresh, granted.get().claims());
        json(exchange, 200, """
                {"access_token": "opaque", "token_type": "Bearer", "expires_in": %d, "refresh_token": "%s", "id_token": "%s"}""".formatted(lifetimeSeconds, refresh, signed(granted.get())));
    }

    /** Changed names and groups apply from the next sign-in. */
    private Optional<Granted> refreshed(Map<String, String> asked) {
        return Optional.ofNullable(refreshes.remove(asked.get("refresh_token")))
                .filter(claims -> claims.get("sub").equals(next.get("sub")))
                .map(claims -> new Granted(next, "", "", ""));
    }

    private Optional<Granted> exchanged(Map<String, String> asked) {
        return Optional.ofNullable(codes.remove(asked.get("code")))
                .filter(granted -> granted.redirect().equals(asked.get("redirect_uri")))
                .filter(granted -> granted.challenge().equals(challenge(asked.get("code_verifier"))));
    }

    private static String challenge(String verifier) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String signed(Granted granted) throws JoseException {
        var claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(CLIENT);
        claims.setIssuedAtToNow();
        claims.setExpirationTimeMinutesInTheFuture(lifetimeSeconds / 60f);
        if (!granted.nonce().isEmpty()) {
            claims.setStringClaim("nonce", granted.nonce());
        }
        granted.claims().forEach(claims::setClaim);
        var signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(key.getPrivateKey());
        signature.setKeyIdHeaderValue(key.getKeyId());
        signature.setAlgorithmHeaderValue("RS256");
        return signature.getCompactSerialization();
    }

    private static Map<String, String> parameters(String query) {
        var parameters = new HashMap<String, String>();
        for (var pair : query.split("&")) {
            var parts = pair.split("=", 2);
            parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        return parameters;
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
