package dev.narthex.client.support;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.lang.JoseException;

/**
 * A running server for all tests with sign-in or trusted publishing. It starts when the first class needs it. Tests create
 * their own caches and people, so classes are independent of each other.
 */
public final class SharedSignInServer {
    private static final SharedSignInServer ONE = new SharedSignInServer();

    public final OpenIdServer provider;

    /** A trusted CI issuer that a test may stop. */
    public final CiIssuerServer shortLivedIssuer;

    public final CiIssuerServer issuer;
    public final Server server;

    private SharedSignInServer() {
        try {
            provider = new OpenIdServer();
            issuer = new CiIssuerServer();
            shortLivedIssuer = new CiIssuerServer();
            var issuers = List.of(
                    "https://ci.example.org",
                    "https://forge.example.org/oidc",
                    issuer.issuer(),
                    shortLivedIssuer.issuer());
            var options = new ArrayList<>(List.of(provider.options()));
            options.add("-Dnarthex.trusted-publishing.issuers=" + String.join(",", issuers));
            options.add("-Dnarthex.trusted-publishing.per-minute=10000");
            var data = Server.folder();
            server = Server.start(data, options.toArray(String[]::new));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                server.close();
                try {
                    DataFolders.delete(data);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }));
        } catch (IOException | JoseException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public static SharedSignInServer instance() {
        return ONE;
    }

    /** Returns a signed-in browser of a person with these claims. */
    public ScriptlessBrowser signedIn(Map<String, Object> claims) throws IOException, InterruptedException {
        provider.next = claims;
        var visitor = new ScriptlessBrowser(server);
        visitor.signIn();
        return visitor;
    }
}
