package dev.narthex.client;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jose4j.lang.JoseException;

/**
 * One running server for all tests in which people sign in at a provider, or CI runs publish by trusted publishing. It starts when
 * the first class needs it. Tests make caches and people of their own, so that no class depends on another one.
 */
final class SharedSignIn {
    private static final SharedSignIn ONE = new SharedSignIn();

    final LocalProvider provider;

    /** Of two trusted forges the one that {@link TrustedPublishingTest} stops. */
    final LocalIssuer shortLivedIssuer;

    final LocalIssuer issuer;
    final Server server;

    private SharedSignIn() {
        try {
            provider = new LocalProvider();
            issuer = new LocalIssuer();
            shortLivedIssuer = new LocalIssuer();
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

    static SharedSignIn instance() {
        return ONE;
    }

    /** A person of these claims with a session. */
    Visitor signedIn(Map<String, Object> claims) throws IOException, InterruptedException {
        provider.next = claims;
        var visitor = new Visitor(server);
        visitor.signIn();
        return visitor;
    }
}
