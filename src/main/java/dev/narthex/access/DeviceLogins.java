package dev.narthex.access;

import dev.narthex.db.Database;
import dev.narthex.db.Row;
import dev.narthex.problem.Problem;
import dev.narthex.spi.SecretWrapper;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Device logins: a client shows an address and polls until a person confirms the login there (OAuth device flow, RFC 8628; §5.4 for
 * its risks). The address ends in a code, which the person compares with the code that the client shows. The client polls with a
 * second secret, which no page shows. Confirming gives the client a token for one cache and one ecosystem; the token never grants
 * more than the person's own rights.
 */
@ApplicationScoped
public class DeviceLogins {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration LIFE = Duration.ofDays(90);
    private static final int MAX_WAITING = 1000;
    private static final int MAX_LENGTH = 100;
    private static final int CODE_LENGTH = 8;
    private static final int SECRET_BYTES = 32;

    /** No vowels, so that codes form no words, and no letters that look like digits. */
    private static final String LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

    private static final String WAITING = """
            select code, cache, ecosystem, client, address from client_login
            where code = :code and token_wrapped is null and expires_at > now()""";

    private static final Set<Action> ACTIONS = Set.of(Action.READ, Action.PUBLISH, Action.MAINTAIN);

    private final Database sql;
    private final Tokens tokens;
    private final SecretWrapper secretWrapper;
    private final SecureRandom random = new SecureRandom();

    DeviceLogins(Database sql, Tokens tokens, SecretWrapper secretWrapper) {
        this.sql = sql;
        this.tokens = tokens;
        this.secretWrapper = secretWrapper;
    }

    /**
     * A login that waits for confirmation.
     *
     * @param client name that the client sent for itself
     * @param address IP address of the client
     */
    public record PendingLogin(String code, String cache, String ecosystem, String client, String address) {}

    record StartedLogin(String code, String secret) {}

    @Transactional
    StartedLogin begin(String cache, String ecosystem, String client, String address) {
        sql.statement("delete from client_login where expires_at < now()").update();
        if (sql.statement("select count(*) as n from client_login")
                .first()
                .filter(row -> row.longValue("n") >= MAX_WAITING)
                .isPresent()) {
            throw Problem.tooManyRequests("Too many clients are waiting for a sign-in. Try again in a minute.", 60);
        }
        var code = code();
        var secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        var text = HexFormat.of().formatHex(secret);
        sql.statement("""
                insert into client_login (code, secret_hash, cache, ecosystem, client, address, expires_at)
                values (:code, :hash, :cache, :ecosystem, :client, :address, :until)""")
                .bind("code", code)
                .bind("hash", TokenFormat.hash(text))
                .bind("cache", cut(cache))
                .bind("ecosystem", cut(ecosystem))
                .bind("client", cut(client))
                .bind("address", address)
                .bind("until", Instant.now().plus(PATIENCE))
                .update();
        return new StartedLogin(code, text);
    }

    private String code() {
        var code = new StringBuilder();
        for (int i = 0; i < CODE_LENGTH; i++) {
            code.append(i == CODE_LENGTH / 2 ? "-" : "").append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return code.toString();
    }

    private static String cut(String text) {
        var printable = text.replaceAll("\\p{C}", "");
        return printable.substring(0, Math.min(MAX_LENGTH, printable.length()));
    }

    /**
     * Finds a login that waits for confirmation.
     *
     * @param code as the client shows it
     */
    @Transactional
    public Optional<PendingLogin> find(String code) {
        return sql.statement(WAITING).bind("code", code).first().map(DeviceLogins::toPendingLogin);
    }

    private static PendingLogin toPendingLogin(Row row) {
        return new PendingLogin(
                row.string("code"),
                row.string("cache"),
                row.string("ecosystem"),
                row.string("client"),
                row.string("address"));
    }

    /**
     * Confirms the login: creates a token owned by this person, for the client to fetch.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the login no longer waits
     */
    @Transactional
    public void confirm(String code, Principal.Person person) {
        var login = sql.statement(WAITING + " for update")
                .bind("code", code)
                .first()
                .map(DeviceLogins::toPendingLogin)
                .orElseThrow(() -> Problem.notFound("login", code));
        var scope = new Scope(
                false,
                List.of(new NamePattern(login.cache())),
                List.of(new NamePattern(login.ecosystem())),
                List.of(NamePattern.ALL),
                ACTIONS);
        var created = tokens.create(new Tokens.NewToken(
                login.ecosystem() + " login to " + login.cache(),
                scope,
                Optional.of(person.id()),
                Optional.of(Instant.now().plus(LIFE))));
        sql.statement("update client_login set token_wrapped = :token where code = :code")
                .bind("token", secretWrapper.wrap(created.text().getBytes(StandardCharsets.UTF_8)))
                .bind("code", code)
                .update();
    }

    /** Rejects the login and deletes it. */
    @Transactional
    public void deny(String code) {
        sql.statement("delete from client_login where code = :code and token_wrapped is null")
                .bind("code", code)
                .update();
    }

    /**
     * Returns the token once and deletes the login. Empty while nobody has confirmed it.
     *
     * @throws dev.narthex.problem.ProblemException NotFound if the login was rejected, has expired or was fetched already
     */
    @Transactional
    Optional<String> finish(String secret) {
        var hash = Map.<String, Object>of("hash", TokenFormat.hash(secret));
        var token = sql.statement("""
                delete from client_login where secret_hash = :hash and token_wrapped is not null and expires_at > now()
                returning token_wrapped""").bindAll(hash).first().map(row -> row.bytes("token_wrapped"));
        if (token.isPresent()) {
            return token.map(wrapped -> new String(secretWrapper.unwrap(wrapped), StandardCharsets.UTF_8));
        }
        if (sql.statement("select code from client_login where secret_hash = :hash and expires_at > now()")
                .bindAll(hash)
                .first()
                .isEmpty()) {
            throw Problem.notFound("login", "that waits");
        }
        return Optional.empty();
    }
}
