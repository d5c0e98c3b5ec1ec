package dev.narthex.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.narthex.spi.UntrustedJson;
import io.quarkus.logging.Log;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.HttpsJwks;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.HttpsJwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Verifies ID tokens (OpenID Connect Core 1.0 §2, §3.1.3.7) of the configured issuers. Tokens of other issuers are rejected without
 * any request to them. Keys are found by discovery (OpenID Connect Discovery 1.0 §4) and cached; they are fetched again when a
 * token is signed with an unknown key.
 */
@Singleton
class IdTokenVerifier {
    private static final String INVALID = "invalid-token";
    private static final int MAX_TOKEN_LENGTH = 16 << 10;
    private static final int SKEW_SECONDS = 30;
    private static final int MAX_ISSUED_AHEAD_SECONDS = 60;
    private static final int MAX_LIFETIME_MINUTES = 60;
    private static final int KEYS_SECONDS = 3600;
    private static final int LOOK_AGAIN_MILLIS = 1000;
    private static final Pattern JWT = Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");
    private static final ObjectMapper JSON = UntrustedJson.mapper().build();

    private final List<String> trustedIssuers;
    private final IssuerHttpClient httpClient;
    private final Map<String, HttpsJwks> keys = new ConcurrentHashMap<>();

    IdTokenVerifier(TrustedPublishingConfig config) {
        this.trustedIssuers = config.issuers().orElse(List.of()).stream()
                .map(String::strip)
                .filter(issuer -> !issuer.isEmpty())
                .toList();
        this.httpClient = new IssuerHttpClient(config.patience());
        trustedIssuers.forEach(IdTokenVerifier::requireUrl);
    }

    private static void requireUrl(String issuer) {
        if (!issuer.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
            throw new IllegalArgumentException("narthex.trusted-publishing.issuers: “" + issuer
                    + "” is not a valid issuer. Enter its URL, beginning with https://.");
        }
    }

    List<String> trustedIssuers() {
        return trustedIssuers;
    }

    /** An ID token was rejected. The message is safe to show to the client: it contains nothing from the token. */
    static final class UntrustedTokenException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;
        private final String publicMessage;

        UntrustedTokenException(String code, String told) {
            super(told);
            this.code = code;
            this.publicMessage = told;
        }

        String publicMessage() {
            return publicMessage;
        }

        String code() {
            return code;
        }
    }

    /**
     * Verifies an ID token and returns its identity. The token must come from a trusted issuer, be valid now and have an id.
     *
     * @param audience required audience; a token for a part of it, written after a slash, is accepted too
     * @throws UntrustedTokenException if the token is rejected or the issuer's keys cannot be fetched
     */
    CiIdentity read(String token, String audience) throws UntrustedTokenException {
        var issuer = issuer(token);
        var consumer = new JwtConsumerBuilder()
                .setVerificationKeyResolver(new HttpsJwksVerificationKeyResolver(keys(issuer)))
                .setJwsAlgorithmConstraints(
                        ConstraintType.PERMIT,
                        AlgorithmIdentifiers.RSA_USING_SHA256,
                        AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256)
                .setExpectedIssuer(true, issuer)
                .setSkipDefaultAudienceValidation()
                .setRequireExpirationTime()
                .setRequireIssuedAt()
                .setRequireSubject()
                .setRequireJwtId()
                .setMaxFutureValidityInMinutes(MAX_LIFETIME_MINUTES)
                .setAllowedClockSkewInSeconds(SKEW_SECONDS)
                .build();
        try {
            return identity(consumer.processToClaims(token), audience);
        } catch (InvalidJwtException e) {
            throw toException(e);
        } catch (MalformedClaimException e) {
            throw notAnIdToken();
        }
    }

    private static CiIdentity identity(JwtClaims said, String audience)
            throws MalformedClaimException, UntrustedTokenException {
        var audiences = said.getAudience();
        if (audiences.stream().noneMatch(one -> one.equals(audience) || one.startsWith(audience + "/"))) {
            throw new UntrustedTokenException(
                    INVALID, "This ID token has another audience. Request one with the audience " + audience + ".");
        }
        if (said.getIssuedAt().getValue() > Instant.now().getEpochSecond() + MAX_ISSUED_AHEAD_SECONDS) {
            throw new UntrustedTokenException(
                    INVALID,
                    "This ID token was issued more than " + MAX_ISSUED_AHEAD_SECONDS
                            + " seconds in the future (iat). Check the clocks of the issuer and of this server.");
        }
        var claims = new HashMap<>(said.getClaimsMap());
        claims.values().removeIf(Objects::isNull);
        return new CiIdentity(
                said.getIssuer(),
                said.getSubject(),
                said.getJwtId(),
                Instant.ofEpochSecond(said.getExpirationTime().getValue()),
                audiences,
                claims);
    }

    /** Reads the issuer before the signature is checked, only to select the keys for that check. */
    private String issuer(String token) throws UntrustedTokenException {
        if (token.length() > MAX_TOKEN_LENGTH || !JWT.matcher(token).matches()) {
            throw notAnIdToken();
        }
        try {
            var unchecked = new JwtConsumerBuilder()
                    .setSkipAllValidators()
                    .setDisableRequireSignature()
                    .setSkipSignatureVerification()
                    .build()
                    .processToClaims(token);
            var issuer = unchecked.getIssuer();
            if (issuer != null && trustedIssuers.contains(issuer)) {
                return issuer;
            }
        } catch (InvalidJwtException | MalformedClaimException e) {
            throw notAnIdToken();
        }
        throw new UntrustedTokenException(
                INVALID,
                "This server does not trust the issuer of this ID token. Ask an administrator to set --trusted-issuers.");
    }

    private HttpsJwks keys(String issuer) throws UntrustedTokenException {
        var cached = keys.get(issuer);
        if (cached != null) {
            return cached;
        }
        try {
            var keySet = new HttpsJwks(jwksUri(issuer));
            keySet.setSimpleHttpGet(httpClient);
            keySet.setDefaultCacheDuration(KEYS_SECONDS);
            keySet.setRetainCacheOnErrorDuration(KEYS_SECONDS);
            keySet.setRefreshReprieveThreshold(LOOK_AGAIN_MILLIS);
            keys.put(issuer, keySet);
            return keySet;
        } catch (IOException e) {
            Log.warnf("keys of issuer %s cannot be fetched: %s", issuer, e.getMessage());
            throw providerUnreachable();
        }
    }

    private String jwksUri(String issuer) throws IOException {
        var document = issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration";
        JsonNode said = JSON.readTree(httpClient.get(document).getBody());
        var uri = said.path("jwks_uri").asText();
        boolean same = said.path("issuer").asText().equals(issuer);
        if (!same || !URI.create(issuer).getScheme().equals(scheme(uri))) {
            throw new IOException(document + " is that of another issuer, or names no address of keys");
        }
        return uri;
    }

    private static String scheme(String uri) {
        try {
            return String.valueOf(URI.create(uri).getScheme());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Replaces the library's messages, which contain parts of the token. */
    private static UntrustedTokenException toException(InvalidJwtException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            boolean noKeys = cause instanceof UnresolvableKeyException
                    && (cause.getCause() instanceof IOException || cause.getCause() instanceof JoseException);
            if (noKeys) {
                return providerUnreachable();
            }
        }
        if (e.hasExpired()) {
            return new UntrustedTokenException(INVALID, "This ID token has expired.");
        }
        return new UntrustedTokenException(
                INVALID, "This ID token is not valid: its signature, its times or its number.");
    }

    private static UntrustedTokenException notAnIdToken() {
        return new UntrustedTokenException(INVALID, "This is no ID token.");
    }

    private static UntrustedTokenException providerUnreachable() {
        return new UntrustedTokenException(
                "issuer-unreachable", "The keys of the issuer cannot be fetched now. Try again in a minute.");
    }
}
