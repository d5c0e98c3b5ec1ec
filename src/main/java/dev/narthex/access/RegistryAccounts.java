package dev.narthex.access;

import dev.narthex.problem.Problem;
import dev.narthex.spi.Accounts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Implements account operations of registry clients: whoami, login, logout, and listing and revoking tokens. */
@ApplicationScoped
class RegistryAccounts implements Accounts {
    private static final String VALID = "valid";

    private final Access access;
    private final Caller caller;
    private final PrincipalAuthenticator authenticator;
    private final FailedLoginThrottle failures;
    private final TokenService tokenService;
    private final Tokens tokens;
    private final DeviceLogins logins;
    private final SignIn signIn;
    private final DisplayNames names;
    private final String url;

    RegistryAccounts(
            Access access,
            Caller caller,
            PrincipalAuthenticator authenticator,
            FailedLoginThrottle failures,
            TokenService tokenService,
            Tokens tokens,
            DeviceLogins logins,
            SignIn signIn,
            DisplayNames names,
            @ConfigProperty(name = "narthex.url") String url) {
        this.access = access;
        this.caller = caller;
        this.authenticator = authenticator;
        this.failures = failures;
        this.tokenService = tokenService;
        this.tokens = tokens;
        this.logins = logins;
        this.signIn = signIn;
        this.names = names;
        this.url = url;
    }

    @Override
    public Account whoami() {
        return account(access.requireAuthenticated());
    }

    @Override
    public Account withToken(String text) {
        var permissions = authenticator.bySecret(text, Caller.NO_CACHE);
        if (permissions.principal() instanceof Principal.Invalid) {
            failures.recordFailure(caller.address());
            throw Problem.unauthorized("The password must be one of your tokens. Create one at " + url
                    + "/me/tokens. Or sign in on a page: npm login --auth-type=web.");
        }
        return account(permissions.principal());
    }

    @Override
    public Optional<String> email() {
        return access.requireAuthenticated().person().flatMap(person -> names.email(person.id()));
    }

    private static Account account(Principal principal) {
        return new Account(name(principal));
    }

    /** Returns the name that registry clients show for this principal. */
    static String name(Principal principal) {
        var person = principal.person().map(Principal.Person::login);
        return person.orElseGet(() -> principal instanceof Principal.Token token ? token.label() : principal.name());
    }

    @Override
    public Login begin(String cache, String ecosystem, String client) {
        if (signIn.provider().isEmpty()) {
            throw Problem.notFound("page", "/login");
        }
        var login = logins.begin(cache, ecosystem, client, caller.address());
        return new Login(url + "/login/" + login.code(), login.secret());
    }

    @Override
    public Optional<String> finish(String secret) {
        return logins.finish(secret);
    }

    @Override
    public List<Credential> credentials() {
        return tokenService.list(false, Long.MAX_VALUE).tokens().stream()
                .filter(token -> !token.state().equals("revoked"))
                .map(token -> new Credential(
                        token.id(),
                        token.label(),
                        token.createdAt(),
                        token.expiresAt(),
                        token.state().equals(VALID)))
                .toList();
    }

    @Override
    public void revoke(long id) {
        tokenService.revoke(id);
    }

    @Override
    public void logout(String text) {
        if (access.requireAuthenticated() instanceof Principal.Token asking
                && authenticator.bySecret(text, Caller.NO_CACHE).principal() instanceof Principal.Token token
                && token.id() == asking.id()) {
            tokens.revoke(new Tokens.TokenSelector.SingleToken(token.id()), token.id());
        }
    }
}
