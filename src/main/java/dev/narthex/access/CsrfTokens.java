package dev.narthex.access;

import dev.narthex.problem.Problem;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Creates and checks the CSRF tokens of forms. A token is an HMAC of the person, the act and the day. It is not stored, so every
 * replica can check it. Requests that the browser reports as cross-site are refused even with a valid token.
 */
@ApplicationScoped
public class CsrfTokens {
    private static final String MAC = "HmacSHA256";
    private static final Set<String> FROM_HERE = Set.of("same-origin", "none");

    private final SecretKeySpec secret;
    private final Session session;

    CsrfTokens(InstanceKey key, Session session) {
        this.secret = new SecretKeySpec(key.derive("forms"), MAC);
        this.session = session;
    }

    /**
     * Returns the CSRF token of a form, or an empty text without a session.
     *
     * @param act what the form does; the token is valid for this act only
     */
    public String of(String act) {
        return session.person().map(person -> key(person, act, today())).orElse("");
    }

    /**
     * Checks the CSRF token and returns the person who submitted the form.
     *
     * @param given CSRF token that the form carried, if any
     * @throws dev.narthex.problem.ProblemException Forbidden if the token is not the person's, is older than yesterday (UTC), or
     *     the request is cross-site
     */
    public Principal.Person require(String act, @Nullable String given) {
        var carried = Objects.requireNonNullElse(given, "");
        return session.person()
                .filter(person -> session.fetchSite().map(FROM_HERE::contains).orElse(true))
                .filter(person -> !session.isCrossSite())
                .filter(person -> Stream.of(today(), today().minusDays(1))
                        .anyMatch(day -> constantTimeEquals(key(person, act, day), carried)))
                .orElseThrow(() -> Problem.forbidden("This form has expired or does not belong to your session."
                        + " Nothing was changed. Reload the page and try again."));
    }

    private static LocalDate today() {
        return LocalDate.now(ZoneOffset.UTC);
    }

    private static boolean constantTimeEquals(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private String key(Principal.Person person, String act, LocalDate day) {
        try {
            var mac = Mac.getInstance(MAC);
            mac.init(secret);
            var text = person.id() + " " + act + " " + day;
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
